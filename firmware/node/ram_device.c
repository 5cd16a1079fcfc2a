#include "ram_device.h"

#include <string.h>

static int ram_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    memcpy(data, (const uint8_t *)context + offset, bytes);
    return 0;
}

static int ram_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    memcpy((uint8_t *)context + offset, data, bytes);
    return 0;
}

static int ram_erase(void *context, uint32_t offset, uint32_t bytes) {
    memset((uint8_t *)context + offset, 0xFF, bytes);
    return 0;
}

tml_block_device_t tml_ram_device(uint8_t *memory, uint32_t size_bytes, uint32_t erase_bytes) {
    tml_block_device_t device = {memory,   size_bytes,  erase_bytes, 1,
                                 ram_read, ram_program, ram_erase};
    return device;
}
