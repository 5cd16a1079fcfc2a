/* A block device in RAM, for boards without storage: a log that lasts until the next reset. */
#ifndef TML_RAM_DEVICE_H
#define TML_RAM_DEVICE_H

#include "tml/block_device.h"

#include <stdint.h>

tml_block_device_t tml_ram_device(uint8_t *memory, uint32_t size_bytes, uint32_t erase_bytes);

#endif
