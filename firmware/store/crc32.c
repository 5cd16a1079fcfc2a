#include "crc32.h"

uint32_t tml_crc32(uint32_t crc, const void *data, uint32_t bytes) {
    const uint8_t *byte = data;
    crc = ~crc;
    for (uint32_t i = 0; i < bytes; ++i) {
        crc ^= byte[i];
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1u) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        }
    }
    return ~crc;
}
