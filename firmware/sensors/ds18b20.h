/* Maxim DS18B20: temperature, alone on a one-wire bus, with a supply of its own. */
#ifndef TML_SENSORS_DS18B20_H
#define TML_SENSORS_DS18B20_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    uint64_t ready_us; /* when the conversion is done; the driver's own */
} tml_ds18b20_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_ds18b20_sensor(tml_ds18b20_t *driver);

#endif
