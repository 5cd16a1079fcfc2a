/* Storage of an emulated board: RAM that start-up leaves alone and that survives a reset. Its last
 * page is the port's own: the board's identity (TML_IDENTITY). Include it once. */
#ifndef TML_EMULATED_STORAGE_H
#define TML_EMULATED_STORAGE_H

#include "identity.h"

#include "tml/block_device.h"

#include <stddef.h>
#include <string.h>

#define TML_STORAGE_PAGE_BYTES 4096u
#define TML_STORAGE_LOG_BYTES (TML_STORAGE_BYTES - TML_STORAGE_PAGE_BYTES)

static volatile tml_identity_t *const identity = (volatile tml_identity_t *)TML_IDENTITY;

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        id[i] = identity->id[i];
    }
}

static uint8_t *place(uint32_t offset) {
    return (uint8_t *)(TML_STORAGE + offset);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    memcpy(data, place(offset), bytes);
    return 0;
}

/* Like NOR flash, programming only clears bits: a mistake shows here, too. */
static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        place(offset)[i] &= ((const uint8_t *)data)[i];
    }
    return 0;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    memset(place(offset), 0xFF, bytes);
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = TML_STORAGE_LOG_BYTES,
        .erase_bytes = TML_STORAGE_PAGE_BYTES,
        .program_bytes = 4,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return &storage;
}

#endif
