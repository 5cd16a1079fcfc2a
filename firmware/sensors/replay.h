/* A recording in flash that is given as if it were measured, for trying a node out. The build
 * writes replay_data.h of the file that the project names. */
#ifndef TML_SENSORS_REPLAY_H
#define TML_SENSORS_REPLAY_H

#include "tml/sensor.h"

typedef struct {
    uint16_t channels; /* the recording's, which are the model's */
    int32_t repeat;    /* 1: begins again at its end; 0: is absent then */
    uint32_t next;     /* sample; the driver's own */
} tml_replay_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_replay_sensor(tml_replay_t *driver);

#endif
