/* Bosch BMP280: temperature and pressure. */
#ifndef TML_SENSORS_BMP280_H
#define TML_SENSORS_BMP280_H

#include "sensors/bosch.h"

typedef struct {
    tml_sensor_place_t place;
    tml_bosch_coefficients_t coefficients; /* the driver's own */
} tml_bmp280_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_bmp280_sensor(tml_bmp280_t *driver);

#endif
