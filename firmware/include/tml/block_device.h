/* Storage that keeps its content over a reset, as the record log and the model slots see it.
 *
 * A struct of callbacks rather than `tml_port_*` functions, because tests swap it: a simulated
 * device that loses power at every write is the only way to prove that a log survives it.
 *
 * The rules are those of NOR flash: erasing sets whole erase blocks to 0xFF, programming only
 * clears bits, and only in whole aligned program units. RAM and EEPROM obey them trivially. */
#ifndef TML_BLOCK_DEVICE_H
#define TML_BLOCK_DEVICE_H

#include <stdint.h>

typedef struct tml_block_device {
    void *context;          /* handed to every callback */
    uint32_t size_bytes;    /* multiple of erase_bytes */
    uint32_t erase_bytes;   /* smallest erasable block; a power of two, e.g. 1024 or 4096 */
    uint32_t program_bytes; /* smallest programmable unit; a power of two, 1..erase_bytes */
    /* Each returns 0, or a negative number where the device failed. Offsets count from the start of
     * the device; the caller has checked that the range lies inside it and is aligned. */
    int (*read)(void *context, uint32_t offset, void *data, uint32_t bytes);
    int (*program)(void *context, uint32_t offset, const void *data, uint32_t bytes);
    int (*erase)(void *context, uint32_t offset, uint32_t bytes); /* multiple of erase_bytes */
} tml_block_device_t;

#endif
