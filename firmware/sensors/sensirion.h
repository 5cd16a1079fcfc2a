/* How Sensirion's I2C sensors talk: commands of 16 bits, words with a checksum each. */
#ifndef TML_SENSORS_SENSIRION_H
#define TML_SENSORS_SENSIRION_H

#include "sensors/crc8.h"
#include "tml/port.h"
#include "tml/sensor.h"

#include <stddef.h>

#define TML_SENSIRION_TRANSFER_US 20000u
#define TML_SENSIRION_MOST_WORDS 3u

static inline tml_sensor_status_t tml_sensirion_command(const tml_sensor_place_t *place,
                                                        uint16_t command) {
    const uint8_t data[] = {(uint8_t)(command >> 8), (uint8_t)command};
    return tml_sensor_of_bus(place->bus->i2c(place->bus->context, place->address, data, sizeof data,
                                             NULL, 0, TML_SENSIRION_TRANSFER_US));
}

/* Reads up to TML_SENSIRION_MOST_WORDS words; DAMAGED where one's checksum is wrong. */
static inline tml_sensor_status_t tml_sensirion_words(const tml_sensor_place_t *place,
                                                      uint16_t *words, uint32_t count) {
    uint8_t data[3u * TML_SENSIRION_MOST_WORDS];
    const tml_bus_status_t status = place->bus->i2c(place->bus->context, place->address, NULL, 0,
                                                    data, 3u * count, TML_SENSIRION_TRANSFER_US);
    if (status != TML_BUS_OK) {
        return tml_sensor_of_bus(status);
    }
    for (uint32_t i = 0; i < count; ++i) {
        const uint8_t *word = data + 3u * i;
        if (tml_crc8_sensirion(word, 2) != word[2]) {
            return TML_SENSOR_DAMAGED;
        }
        words[i] = (uint16_t)(word[0] << 8 | word[1]);
    }
    return TML_SENSOR_OK;
}

static inline void tml_sensirion_wait(uint32_t ms) {
    const uint64_t begun_us = tml_port_monotonic_us();
    while (tml_port_monotonic_us() - begun_us < 1000u * (uint64_t)ms) {
        tml_port_idle(1);
    }
}

/* In 0.01 degC: -45 + 175 * word / 65535, to the nearest. */
static inline int32_t tml_sensirion_temperature(uint16_t word) {
    return (int32_t)((17500u * (uint32_t)word + 32767u) / 65535u) - 4500;
}

/* In 0.01 %: 100 * word / 65535, to the nearest. */
static inline int32_t tml_sensirion_humidity(uint16_t word) {
    return (int32_t)((10000u * (uint32_t)word + 32767u) / 65535u);
}

#endif
