/* CRC-32 as of Ethernet and zlib (reflected polynomial 0xEDB88320). */
#ifndef TML_STORE_CRC32_H
#define TML_STORE_CRC32_H

#include <stdint.h>

/* Goes on from `crc`, the result over the bytes before; 0 to begin with. */
uint32_t tml_crc32(uint32_t crc, const void *data, uint32_t bytes);

#endif
