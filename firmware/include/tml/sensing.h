/* The loop of a node that has a sensor: it answers the host, and reads the sensor when a sample is
 * due. An application calls tml_port_init, tml_service_begin and tml_sensing_begin once, then
 * tml_sensing_step for ever. */
#ifndef TML_SENSING_H
#define TML_SENSING_H

#include "tml/sensor.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const tml_sensor_t *sensor;
    int32_t *counts;     /* [sensor->channel_count] */
    uint64_t period_us;  /* from one sample to the next */
    uint64_t started_us; /* when the reading was started */
    bool ready;          /* the sensor is set up */
    bool reading;        /* a reading is started, and not fetched yet */
} tml_sensing_t;

/* The first sample is due at once, further ones every `period_us`: TML_MODEL.sample_period_us, if
 * the model is to mean what it was trained for. What is pointed at must last. False where the
 * sensor's channels are not as many as the model's, or the period is 0. */
bool tml_sensing_begin(tml_sensing_t *sensing, const tml_sensor_t *sensor, int32_t *counts,
                       uint64_t period_us);

/* One turn of the loop; sleeps where there is nothing to do. True where a record was made. A sensor
 * that failed is set up again before its next sample. */
bool tml_sensing_step(tml_sensing_t *sensing);

#endif
