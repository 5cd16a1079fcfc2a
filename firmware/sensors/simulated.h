/* A sensor that is SIMULATED, for trying things out: on each channel a triangle with noise on it.
 */
#ifndef TML_SENSORS_SIMULATED_H
#define TML_SENSORS_SIMULATED_H

#include "tml/sensor.h"

typedef struct {
    uint8_t which;     /* lengths and heights differ as machines in different states move */
    uint16_t channels; /* 1..64 */
    uint32_t seed;     /* of noise and phase */
    /* Which sample is read, from 0: those that were missed pass as well. NULL: they do not. */
    uint64_t (*number)(void);
    uint32_t samples; /* of one period of the triangle; the driver's own, as what follows */
    int32_t height;   /* from the lowest to the highest count */
    uint32_t read;    /* so far */
} tml_simulated_t;

/* The sensor; it refers to `simulated`, which must last. */
tml_sensor_t tml_simulated_sensor(tml_simulated_t *simulated);

#endif
