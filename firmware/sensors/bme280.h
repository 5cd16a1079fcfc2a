/* Bosch BME280: temperature, pressure and humidity. */
#ifndef TML_SENSORS_BME280_H
#define TML_SENSORS_BME280_H

#include "sensors/bosch.h"

typedef struct {
    tml_sensor_place_t place;
    tml_bosch_coefficients_t coefficients; /* the driver's own, as what follows */
    int16_t h2;
    int16_t h4;
    int16_t h5;
    uint8_t h1;
    uint8_t h3;
    int8_t h6;
} tml_bme280_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_bme280_sensor(tml_bme280_t *driver);

#endif
