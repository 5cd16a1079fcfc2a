/* Sensirion SHT30, SHT31 and SHT35: temperature and humidity. */
#ifndef TML_SENSORS_SHT3X_H
#define TML_SENSORS_SHT3X_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    int32_t repeatability; /* 0 low, 1 medium, 2 high: noise against energy */
    uint64_t ready_us;     /* when the measurement is done; the driver's own */
} tml_sht3x_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_sht3x_sensor(tml_sht3x_t *driver);

#endif
