/* What Bosch's BMP280 and BME280 share: registers, forced measurements, and the arithmetic that
 * makes temperature and pressure of what they measure.
 *
 * Source: Bosch BST-BME280-DS002, revision 1.6, 4.2.3, and BST-BMP280-DS001, revision 1.14, 3.11.3:
 * the compensation in 32 and 64 bits, number for number. */
#ifndef TML_SENSORS_BOSCH_H
#define TML_SENSORS_BOSCH_H

#include "tml/sensor.h"

#include <stdbool.h>

#define TML_BOSCH_COEFFICIENTS 12u

typedef struct {
    uint16_t t1;
    int16_t t2;
    int16_t t3;
    uint16_t p1;
    int16_t p[8]; /* dig_P2 to dig_P9 */
} tml_bosch_coefficients_t;

/* Temperature in 0.01 degC; `*fine` is what pressure and humidity need of it. */
int32_t tml_bosch_temperature(const tml_bosch_coefficients_t *c, int32_t raw, int32_t *fine);

/* Pressure in 1/256 Pa; 0 where the coefficients make none. */
int32_t tml_bosch_pressure(const tml_bosch_coefficients_t *c, int32_t raw, int32_t fine);

tml_sensor_status_t tml_bosch_read(const tml_sensor_place_t *place, uint8_t first, uint8_t *data,
                                   uint32_t bytes);
tml_sensor_status_t tml_bosch_write(const tml_sensor_place_t *place, uint8_t address,
                                    uint8_t value);

/* Resets the part, waits until it has loaded its coefficients, and reads them: ABSENT where its
 * identity is another. */
tml_sensor_status_t tml_bosch_begin(const tml_sensor_place_t *place, uint8_t identity,
                                    tml_bosch_coefficients_t *coefficients);

/* Asks for one measurement. */
tml_sensor_status_t tml_bosch_start(const tml_sensor_place_t *place);

/* LATER while it measures; then pressure, temperature and what is behind them. */
tml_sensor_status_t tml_bosch_fetch(const tml_sensor_place_t *place, uint8_t *data, uint32_t bytes);

/* The 20 bits that begin at `data`; TML_BOSCH_SKIPPED where nothing was measured. */
static inline int32_t tml_bosch_raw(const uint8_t *data) {
    return (int32_t)((uint32_t)data[0] << 12 | (uint32_t)data[1] << 4 | data[2] >> 4);
}

#define TML_BOSCH_SKIPPED 0x80000
#define TML_BOSCH_LIMIT_US 50000u

#endif
