/* A voltage at a pin: of a battery behind a divider, a soil probe, a gas sensor's load. */
#ifndef TML_SENSORS_VOLTAGE_H
#define TML_SENSORS_VOLTAGE_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    int32_t multiply; /* the voltage is that at the pin times this ... */
    int32_t divide;   /* ... by this: of a divider (upper + lower resistor) and the lower one */
    int32_t average;  /* conversions of one reading */
} tml_voltage_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_voltage_sensor(tml_voltage_t *driver);

#endif
