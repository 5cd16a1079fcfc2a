/* A sensor behind a driver: what a node reads its samples from. firmware/sensors/template.c is a
 * driver to start from.
 *
 * A reading has two halves, because many sensors take milliseconds to seconds to measure: `start`
 * asks for it, `read` fetches it or says LATER. Neither waits. A reading that failed is counted by
 * the node and leaves a gap in time; it never becomes a value. Nothing here is called from an
 * interrupt. */
#ifndef TML_SENSOR_H
#define TML_SENSOR_H

#include <stdint.h>

typedef enum {
    TML_SENSOR_OK = 0,
    TML_SENSOR_LATER = 1,       /* not measured yet: ask again */
    TML_SENSOR_ABSENT = -1,     /* does not answer, or is another part */
    TML_SENSOR_BUS = -2,        /* the bus failed, or its time limit passed */
    TML_SENSOR_DAMAGED = -3,    /* answered with a wrong checksum */
    TML_SENSOR_LATE = -4,       /* nothing measured within limit_us */
    TML_SENSOR_UNSUITABLE = -5, /* cannot measure at this rate, or so many channels */
} tml_sensor_status_t;

/* One quantity. Its value is count * scale, in the unit; the same as in the model's settings. */
typedef struct {
    const char *name;
    const char *unit;
    float scale; /* value of one count */
} tml_channel_t;

typedef struct {
    const char *name;              /* the part's */
    const tml_channel_t *channels; /* [channel_count]; NULL where they have no names */
    uint16_t channel_count;        /* of a sample; the model's */
    uint16_t buffered;             /* samples that the sensor keeps until they are read; mostly 0 */
    uint32_t limit_us; /* from `start` to the end of a reading, at most; later is a failure */
    void *context;     /* the driver's own: its bus and address, what it keeps */
    /* Finds the sensor and sets it up, once; may wait for as long as its power-up takes.
     * `period_us` is the time between two samples. */
    tml_sensor_status_t (*begin)(void *context, uint64_t period_us);
    /* Asks for the next sample; NULL where nothing has to be asked. */
    tml_sensor_status_t (*start)(void *context);
    /* Fetches it: OK fills `counts` [channel_count], otherwise they mean nothing. */
    tml_sensor_status_t (*read)(void *context, int16_t *counts);
} tml_sensor_t;

#endif
