/* A sensor behind a driver: what a node reads its samples from. firmware/sensors/template.c is a
 * driver to start from.
 *
 * A reading has two halves, because many sensors take milliseconds to seconds to measure: `start`
 * asks for it, `read` fetches it or says LATER. Neither waits. A reading that failed is counted by
 * the node and leaves a gap in time; it never becomes a value. Nothing here is called from an
 * interrupt. */
#ifndef TML_SENSOR_H
#define TML_SENSOR_H

#include "tml/bus.h"

#include <stdint.h>

typedef enum {
    TML_SENSOR_OK = 0,
    TML_SENSOR_LATER = 1,       /* not measured yet: ask again */
    TML_SENSOR_ABSENT = -1,     /* does not answer, or is another part */
    TML_SENSOR_BUS = -2,        /* the bus failed, or its time limit passed */
    TML_SENSOR_DAMAGED = -3,    /* answered with a wrong checksum, or with what cannot be */
    TML_SENSOR_LATE = -4,       /* nothing measured within limit_us */
    TML_SENSOR_UNSUITABLE = -5, /* cannot measure at this rate, or so many channels */
    TML_SENSOR_BROKEN = -6,     /* says of itself that it failed */
} tml_sensor_status_t;

/* One quantity. Its value is count * scale, in the unit. Counts are as fine as the part or the
 * datasheet's own arithmetic gives them; the node turns them into the model's. */
typedef struct {
    const char *name;
    const char *unit;
    float scale; /* value of one count */
} tml_channel_t;

/* Where a part is, which the build fills in: every driver's struct begins with it. */
typedef struct {
    const tml_bus_t *bus;
    uint8_t address; /* I2C address, ADC input; of one-wire 0 */
} tml_sensor_place_t;

typedef struct {
    const char *name;              /* the part's */
    const tml_channel_t *channels; /* [channel_count]; NULL where they have no names */
    uint16_t channel_count;        /* of a sample */
    uint16_t buffered;             /* samples that the sensor keeps until they are read; mostly 0 */
    uint32_t limit_us; /* from `start` to the end of a reading, at most; later is a failure */
    void *context;     /* the driver's own: its place, what it keeps */
    /* Finds the sensor and sets it up, once; may wait for as long as its power-up takes.
     * `period_us` is the time between two samples. Called again after every failure. */
    tml_sensor_status_t (*begin)(void *context, uint64_t period_us);
    /* Asks for the next sample; NULL where nothing has to be asked. */
    tml_sensor_status_t (*start)(void *context);
    /* Fetches it: OK fills `counts` [channel_count], otherwise they mean nothing. */
    tml_sensor_status_t (*read)(void *context, int32_t *counts);
} tml_sensor_t;

/* What a driver says of a transfer that failed. */
static inline tml_sensor_status_t tml_sensor_of_bus(tml_bus_status_t status) {
    return status == TML_BUS_OK                               ? TML_SENSOR_OK
           : status == TML_BUS_NACK || status == TML_BUS_NONE ? TML_SENSOR_ABSENT
                                                              : TML_SENSOR_BUS;
}

#endif
