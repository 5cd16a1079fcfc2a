#include "bosch.h"

#include "tml/port.h"

#include <stddef.h>

#define TRANSFER_US 20000u
#define IDENTITY 0xD0u
#define RESET 0xE0u
#define RESET_WORD 0xB6u
#define START_UP_MS 3u
#define STATUS 0xF3u
#define STATUS_LOADING 0x01u
#define STATUS_MEASURING 0x08u
#define COEFFICIENTS 0x88u
#define CONTROL 0xF4u
/* Temperature and pressure once each, one measurement: osrs_t 001, osrs_p 001, mode 01. */
#define CONTROL_FORCED 0x25u
#define DATA 0xF7u

int32_t tml_bosch_temperature(const tml_bosch_coefficients_t *c, int32_t raw, int32_t *fine) {
    const int32_t coarse = ((raw >> 3) - (int32_t)c->t1 * 2) * c->t2 >> 11;
    const int32_t distance = (raw >> 4) - (int32_t)c->t1;
    const int32_t square = (distance * distance >> 12) * c->t3 >> 14;
    *fine = coarse + square;
    return (*fine * 5 + 128) >> 8;
}

int32_t tml_bosch_pressure(const tml_bosch_coefficients_t *c, int32_t raw, int32_t fine) {
    const int16_t *p = c->p; /* p[0] is dig_P2 */
    const int64_t t = (int64_t)fine - 128000;
    const int64_t offset = t * t * p[4] + t * p[3] * ((int64_t)1 << 17) + p[2] * ((int64_t)1 << 35);
    const int64_t slope = (t * t * p[1] >> 8) + t * p[0] * 4096;
    const int64_t divisor = (((int64_t)1 << 47) + slope) * c->p1 >> 33;
    if (divisor == 0) {
        return 0;
    }
    const int64_t inverse = 1048576 - (int64_t)raw;
    const int64_t pressure = (inverse * ((int64_t)1 << 31) - offset) * 3125 / divisor;
    const int64_t square = p[7] * (pressure >> 13) * (pressure >> 13) >> 25;
    const int64_t linear = p[6] * pressure >> 19;
    return (int32_t)(((pressure + square + linear) >> 8) + p[5] * 16);
}

tml_sensor_status_t tml_bosch_read(const tml_sensor_place_t *place, uint8_t first, uint8_t *data,
                                   uint32_t bytes) {
    return tml_sensor_of_bus(
        place->bus->i2c(place->bus->context, place->address, &first, 1, data, bytes, TRANSFER_US));
}

tml_sensor_status_t tml_bosch_write(const tml_sensor_place_t *place, uint8_t address,
                                    uint8_t value) {
    const uint8_t data[] = {address, value};
    return tml_sensor_of_bus(place->bus->i2c(place->bus->context, place->address, data, sizeof data,
                                             NULL, 0, TRANSFER_US));
}

/* Waits for its start-up and until its coefficients are loaded. */
static tml_sensor_status_t loaded(const tml_sensor_place_t *place) {
    const uint64_t begun_us = tml_port_monotonic_us();
    uint8_t state = STATUS_LOADING;
    while (tml_port_monotonic_us() - begun_us < 1000u * START_UP_MS) {
        tml_port_idle(1);
    }
    while ((state & STATUS_LOADING) != 0) {
        const tml_sensor_status_t status = tml_bosch_read(place, STATUS, &state, 1);
        if (status != TML_SENSOR_OK) {
            return status;
        }
        if (tml_port_monotonic_us() - begun_us > TML_BOSCH_LIMIT_US) {
            return TML_SENSOR_LATE;
        }
    }
    return TML_SENSOR_OK;
}

static tml_sensor_status_t read_coefficients(const tml_sensor_place_t *place,
                                             tml_bosch_coefficients_t *coefficients) {
    uint8_t data[2u * TML_BOSCH_COEFFICIENTS];
    uint16_t words[TML_BOSCH_COEFFICIENTS];
    const tml_sensor_status_t status = tml_bosch_read(place, COEFFICIENTS, data, sizeof data);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    for (uint32_t i = 0; i < TML_BOSCH_COEFFICIENTS; ++i) {
        words[i] = (uint16_t)(data[2u * i] | data[2u * i + 1u] << 8);
    }
    *coefficients = (tml_bosch_coefficients_t){
        .t1 = words[0], .t2 = (int16_t)words[1], .t3 = (int16_t)words[2], .p1 = words[3]};
    for (uint32_t i = 0; i < 8; ++i) {
        coefficients->p[i] = (int16_t)words[4u + i];
    }
    /* No part has these: the bus gave nothing. */
    return words[0] == 0 || words[0] == 0xFFFFu || words[3] == 0 ? TML_SENSOR_DAMAGED
                                                                 : TML_SENSOR_OK;
}

tml_sensor_status_t tml_bosch_begin(const tml_sensor_place_t *place, uint8_t identity,
                                    tml_bosch_coefficients_t *coefficients) {
    uint8_t found = 0;
    if (place->bus == NULL || place->bus->i2c == NULL) {
        return TML_SENSOR_ABSENT;
    }
    tml_sensor_status_t status = tml_bosch_read(place, IDENTITY, &found, 1);
    if (status != TML_SENSOR_OK || found != identity) {
        return status != TML_SENSOR_OK ? status : TML_SENSOR_ABSENT;
    }
    status = tml_bosch_write(place, RESET, RESET_WORD);
    if (status == TML_SENSOR_OK) {
        status = loaded(place);
    }
    return status == TML_SENSOR_OK ? read_coefficients(place, coefficients) : status;
}

tml_sensor_status_t tml_bosch_start(const tml_sensor_place_t *place) {
    return tml_bosch_write(place, CONTROL, CONTROL_FORCED);
}

tml_sensor_status_t tml_bosch_fetch(const tml_sensor_place_t *place, uint8_t *data,
                                    uint32_t bytes) {
    uint8_t state;
    const tml_sensor_status_t status = tml_bosch_read(place, STATUS, &state, 1);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    if ((state & STATUS_MEASURING) != 0) {
        return TML_SENSOR_LATER;
    }
    return tml_bosch_read(place, DATA, data, bytes);
}
