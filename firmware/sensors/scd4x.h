/* Sensirion SCD40 and SCD41: CO2, temperature and humidity. */
#ifndef TML_SENSORS_SCD4X_H
#define TML_SENSORS_SCD4X_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    uint64_t ask_us; /* when it is asked next whether it has measured; the driver's own */
} tml_scd4x_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_scd4x_sensor(tml_scd4x_t *driver);

#endif
