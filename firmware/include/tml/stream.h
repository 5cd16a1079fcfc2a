/* A sound front end that takes samples as they come: only one frame of them is ever kept, and each
 * frame is computed once. What the features hold is what tml_front_end_t.run makes of the same
 * window. */
#ifndef TML_STREAM_H
#define TML_STREAM_H

#include "tml/features.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const tml_front_end_t *front_end; /* log_mel or mfcc */
    int16_t *samples;                 /* [front_end->frame] */
    int8_t *features;                 /* [front_end->feature_count], the newest frame last */
    void *scratch;                    /* front_end->scratch_bytes, aligned to 8 */
    int32_t filled;                   /* samples of the frame that is coming; below 0 in a gap */
    uint32_t frames;                  /* whose features are there */
} tml_stream_t;

/* Forgets all samples; call it once at the start. */
void tml_stream_reset(tml_stream_t *stream);

/* Takes `count` samples of one channel. Returns how many frames they completed. */
uint32_t tml_stream_push(tml_stream_t *stream, const int16_t *samples, uint32_t count);

/* Whether the features are those of a whole window. */
bool tml_stream_ready(const tml_stream_t *stream);

#endif
