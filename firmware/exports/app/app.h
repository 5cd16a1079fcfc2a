/* An exported application: answers its host over serial, and senses at the model's rate. */
#ifndef TML_APP_H
#define TML_APP_H

#include <stdbool.h>

/* Yours to write. A model with a front end: one sample, int16_t [TML_CHANNELS], asked for every
 * TML_SAMPLE_PERIOD_US. A model without one: all of its inputs one after another, TML_VALUES_BYTES,
 * for one inference. `values` is aligned to 8 bytes. */
void tml_sensor_read(void *values);

/* Runs the model on a known input, in the node's own memory: true where its output is right. Before
 * tml_app_begin. */
bool tml_app_self_test(void);

/* Once, first. False where there is no memory for records. */
bool tml_app_begin(void);

/* One turn of the loop; sleeps where there is nothing to do. True where a record was made: then
 * tml_service_output() has the result. */
bool tml_app_step(void);

#endif
