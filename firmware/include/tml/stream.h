/* A front end that takes samples as they come. Of sounds one frame of samples is kept, and each
 * frame is computed once; of the others a window. What the features hold is what
 * tml_front_end_t.run makes of the same window. */
#ifndef TML_STREAM_H
#define TML_STREAM_H

#include "tml/features.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const tml_front_end_t *front_end;
    int16_t *samples; /* [tml_stream_span(front_end)][channels], aligned to 4 */
    int8_t *features; /* [front_end->feature_count], the oldest frame first */
    void *scratch;    /* front_end->scratch_bytes, aligned to 8 */
    uint32_t hop;     /* samples from one result to the next, from 1; of sounds front_end->hop */
    int32_t filled;   /* samples of the span that is coming; below 0 in a gap */
    uint32_t frames;  /* whose features are there; of other front ends 1 once there are any */
} tml_stream_t;

/* Samples that one result is computed from: a frame of sounds, else a window. */
uint32_t tml_stream_span(const tml_front_end_t *front_end);

/* Forgets all samples; call it once at the start. */
void tml_stream_reset(tml_stream_t *stream);

/* Takes `count` samples, an element a channel each. Returns how many frames, or windows, they
 * completed. */
uint32_t tml_stream_push(tml_stream_t *stream, const int16_t *samples, uint32_t count);

/* Of sounds: forgets the features of the oldest `frames`, of those that are there. Whoever takes
 * whole windows drops all of them, or as many as do not overlap, and saves what one by one makes
 * room for each frame that comes. */
void tml_stream_drop(tml_stream_t *stream, uint32_t frames);

/* Whether the features are those of a whole window. */
bool tml_stream_ready(const tml_stream_t *stream);

#endif
