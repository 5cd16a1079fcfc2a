/* A sensor that is SIMULATED, for trying things out: on each channel a triangle with noise on it.
 */
#ifndef TML_SENSORS_SIMULATED_H
#define TML_SENSORS_SIMULATED_H

#include "tml/sensor.h"

typedef struct {
    uint32_t seed;     /* of noise and phase */
    uint32_t samples;  /* of one period of the triangle */
    int32_t height;    /* from the lowest to the highest count */
    uint16_t channels; /* 1..64 */
    uint64_t (*number)(
        void); /* which sample is read, from 0: those that were missed pass as well */
} tml_simulated_t;

/* The triangle `which`: lengths and heights differ as machines in different states move. */
tml_simulated_t tml_simulated(uint8_t which, uint32_t seed, uint16_t channels,
                              uint64_t (*number)(void));

/* The sensor; it refers to `simulated`, which must last. */
tml_sensor_t tml_simulated_sensor(tml_simulated_t *simulated);

#endif
