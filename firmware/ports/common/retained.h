/* Storage for where no flash can be written: RAM that start-up leaves alone. It survives a reset,
 * though no loss of power. Include it once, with TML_RETAINED_BYTES defined. */
#ifndef TML_RETAINED_H
#define TML_RETAINED_H

#include "tml/block_device.h"

#include <stddef.h>
#include <string.h>

#define TML_RETAINED_BLOCKS 4u /* fewer would lose much of the log with each block */

static uint8_t retained[TML_RETAINED_BYTES] __attribute__((section(".noinit"), aligned(8)));

static int retained_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    memcpy(data, retained + offset, bytes);
    return 0;
}

static int retained_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    memcpy(retained + offset, data, bytes);
    return 0;
}

static int retained_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    memset(retained + offset, 0xFF, bytes);
    return 0;
}

static inline const tml_block_device_t *tml_retained_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = TML_RETAINED_BYTES,
        .erase_bytes = TML_RETAINED_BYTES / TML_RETAINED_BLOCKS,
        .program_bytes = 1,
        .read = retained_read,
        .program = retained_program,
        .erase = retained_erase,
    };
    return &storage;
}

#endif
