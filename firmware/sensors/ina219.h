/* INA219: voltage of a supply, and the current through a shunt in it. */
#ifndef TML_SENSORS_INA219_H
#define TML_SENSORS_INA219_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    int32_t shunt_microohms;
    int32_t shunt_millivolts; /* the most across it: 40, 80, 160 or 320 */
    int32_t average;          /* conversions of one reading: 1, 2, 4 ... 128 */
} tml_ina219_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_ina219_sensor(tml_ina219_t *driver);

#endif
