/* The node as a library, for an application that has a loop of its own: a sketch, a task.
 *
 * There is one node a program, built with one model (model_select.h); its memory is in
 * firmware/node/service.c. Nothing here may be called from an interrupt. */
#ifndef TML_SERVICE_H
#define TML_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/* The model's memory, as tml_model_t's `infer` takes it: for a self test before tml_service_begin.
 */
uint8_t *tml_service_arena(void);
uint8_t *tml_service_state(void);

/* Finds or makes the log, and sets the model's state. Call once, after tml_port_init. False where
 * not even a log in RAM can be. */
bool tml_service_begin(void);

/* Tells hosts that no sensor measures the samples: they are simulated. Call after
 * tml_service_begin. */
void tml_service_simulates(void);

/* Puts into each record what the channels of its window were, beside the result. Call after
 * tml_service_begin; the model must have a front end. */
void tml_service_records_inputs(void);

/* A result every `samples`, from 1, of the samples of the node's own sensor: fewer than a window
 * has make windows overlap, more leave samples out between them. Else a window begins behind the
 * one before. Call after tml_service_begin; the model must have a front end, and not one of sounds.
 */
void tml_service_hops(uint32_t samples);

/* Samples of the node's own sensor are due from now on, every `period_us` (see tml/sampler.h),
 * which is TML_MODEL.sample_period_us unless something else is wanted. `buffered`: how many the
 * sensor keeps by itself. */
void tml_service_sample_every(uint64_t period_us, uint32_t buffered);

/* Whether a sample is due: then read the sensor, and call tml_service_sample, or tml_service_failed
 * where it gave none. Counts the samples that were missed before it, which leave a gap in time: the
 * window that was coming begins again behind it. */
bool tml_service_due(void);

/* The sample that was due could not be measured: counted, and a gap as well. */
void tml_service_failed(void);

/* Sleeps until the next sample is due, a byte arrives, or about `longest_ms` have passed. */
void tml_service_idle(uint32_t longest_ms);

/* How many samples there were since boot, with those that were missed: the number of the next one.
 */
uint64_t tml_service_sampled(void);

/* Random at each boot; hosts see it, too. */
uint32_t tml_service_boot_id(void);

/* Answers what has arrived from a host. True where bytes came, so that more may be waiting: call it
 * often, at least every 10 ms on a UART without a large buffer. */
bool tml_service_poll(void);

/* Adds one sample, an element a channel. The sample that completes a window starts front end and
 * model; true where that made a record. While a host feeds the node, samples are left out. */
bool tml_service_sample(const int16_t *sample);

/* One inference on what it is fed: for a model without a front end all inputs one after another,
 * else a window of samples. True where that made a record. */
bool tml_service_infer(const void *inputs);

/* The model's first output, raw, until the next inference; of sounds until the next sample. */
const void *tml_service_output(void);

#endif
