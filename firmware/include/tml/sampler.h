/* When a node's own sensor is read: samples lie on a fixed grid of time from the first one on.
 *
 * A sample that is read late by less than a period still counts as that of its time. What is later
 * is missed: it is counted and left out, and the grid stays where it is; reading faster to catch up
 * would put samples where no time was. A sensor that keeps samples by itself (a FIFO) has taken
 * them in time: so many may wait, and are read one after another. */
#ifndef TML_SAMPLER_H
#define TML_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t due_us;    /* when the next sample is due, by tml_port_monotonic_us */
    uint64_t period_us; /* from one sample to the next; from 1 */
    uint32_t buffered;  /* samples that the sensor keeps by itself; mostly 0 */
} tml_sampler_t;

/* The first sample is due now. */
tml_sampler_t tml_sampler_begin(uint64_t period_us, uint32_t buffered, uint64_t now_us);

/* Whether a sample is due; if so, the next one is due a period later, and `*missed` says how many
 * before this one were missed. */
bool tml_sampler_due(tml_sampler_t *sampler, uint64_t now_us, uint64_t *missed);

/* Time until the next sample is due; 0 where it is. */
uint64_t tml_sampler_wait_us(const tml_sampler_t *sampler, uint64_t now_us);

#endif
