/* The loop of a node that has sensors: it answers the host, and reads the sensors when a sample is
 * due. An application calls tml_port_init, tml_service_begin and tml_sensing_begin once, then
 * tml_sensing_step for ever.
 *
 * Several sensors make one sample: all are started together, and it is there when the last has
 * answered. Where one fails there is no sample. It is asked again at the next sample, then after a
 * second, two, four and so on up to ten minutes; meanwhile the samples that were due are counted as
 * failed. The log gets an event when a sensor fails and one when it is back; of one that fails
 * again within a minute only the count of failures. */
#ifndef TML_SENSING_H
#define TML_SENSING_H

#include "tml/sensor.h"

#include <stdbool.h>
#include <stdint.h>

#define TML_SENSED_PART_BITS 8u

/* How a channel of the model comes of a sensor's: its count is
 * (count * multiplier / 2^shift + offset) / 256, rounded to the nearest, halves away from zero, and
 * limited to 16 bits. The build makes these of the scales and units of both. */
typedef struct {
    uint8_t sensor;
    uint8_t channel;
    uint8_t shift; /* 0..62 */
    int32_t multiplier;
    int32_t offset; /* in 1/256 of the model's counts */
} tml_sensed_channel_t;

/* What the loop knows of one sensor. */
typedef struct {
    uint64_t retry_us; /* when it is asked again; only while it fails */
    uint64_t told_us;  /* when the log was last told that it fails; 0: never */
    uint32_t wait_s;   /* until it is asked again */
    uint32_t failures; /* since boot */
    uint16_t first;    /* of the counts: where its channels begin */
    bool failing;      /* it has not answered since it failed */
    bool told;         /* and the log was told so */
    bool ready;        /* it is set up */
    bool reading;      /* asked, and has not answered */
} tml_sensed_t;

typedef struct {
    const tml_sensor_t *sensors;          /* [count] */
    tml_sensed_t *sensed;                 /* [count] */
    int32_t *counts;                      /* of all channels of all sensors */
    const tml_sensed_channel_t *channels; /* [TML_MODEL_CHANNELS] */
    uint64_t period_us;                   /* from one sample to the next */
    uint64_t started_us;                  /* when the reading was started */
    uint8_t count;
    bool reading; /* some have not answered yet */
} tml_sensing_t;

/* The first sample is due at once, further ones every `period_us`: TML_MODEL.sample_period_us, if
 * the model is to mean what it was trained for. What is pointed at must last. False where a channel
 * is of a sensor that there is not, or the period is 0. */
bool tml_sensing_begin(tml_sensing_t *sensing, uint64_t period_us);

/* One turn of the loop; sleeps where there is nothing to do. True where a record was made. */
bool tml_sensing_step(tml_sensing_t *sensing);

/* The model's count of a sensor's. */
int16_t tml_sensed_count(const tml_sensed_channel_t *channel, int32_t count);

#endif
