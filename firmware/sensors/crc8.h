/* Checksums of one byte that sensors use: x^8 + x^5 + x^4 + 1 in two forms. */
#ifndef TML_SENSORS_CRC8_H
#define TML_SENSORS_CRC8_H

#include <stdint.h>

/* Sensirion's, from the highest bit on, begun with 0xFF. Source: SHT3x-DIS data sheet, version 7,
 * 4.12: of 0xBEEF it is 0x92. */
static inline uint8_t tml_crc8_sensirion(const uint8_t *data, uint32_t bytes) {
    uint8_t crc = 0xFF;
    for (uint32_t i = 0; i < bytes; ++i) {
        crc ^= data[i];
        for (uint32_t bit = 0; bit < 8; ++bit) {
            crc = (uint8_t)((crc & 0x80u) != 0 ? crc << 1 ^ 0x31 : crc << 1);
        }
    }
    return crc;
}

/* Maxim's of one-wire parts, from the lowest bit on, begun with 0. Source: Maxim application note
 * 27. */
static inline uint8_t tml_crc8_maxim(const uint8_t *data, uint32_t bytes) {
    uint8_t crc = 0;
    for (uint32_t i = 0; i < bytes; ++i) {
        crc ^= data[i];
        for (uint32_t bit = 0; bit < 8; ++bit) {
            crc = (uint8_t)((crc & 1u) != 0 ? crc >> 1 ^ 0x8C : crc >> 1);
        }
    }
    return crc;
}

#endif
