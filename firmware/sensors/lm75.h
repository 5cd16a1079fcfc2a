/* LM75, TMP75, TMP105 and other thermometers with the same registers. */
#ifndef TML_SENSORS_LM75_H
#define TML_SENSORS_LM75_H

#include "tml/sensor.h"

typedef struct {
    tml_sensor_place_t place;
    int32_t bits; /* 9 to 12, of a temperature: the more, the longer a conversion takes */
} tml_lm75_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_lm75_sensor(tml_lm75_t *driver);

#endif
