#include "tml/stream.h"

#include <stddef.h>
#include <string.h>

/* Results that make a window's features: frames of sounds, else one. */
static uint32_t results(const tml_front_end_t *front_end) {
    return front_end->run_frame == NULL ? 1u : front_end->feature_count / front_end->frame_features;
}

uint32_t tml_stream_span(const tml_front_end_t *front_end) {
    return front_end->run_frame == NULL ? front_end->window : front_end->frame;
}

void tml_stream_reset(tml_stream_t *stream) {
    stream->filled = 0;
    stream->frames = 0;
}

void tml_stream_drop(tml_stream_t *stream, uint32_t frames) {
    const size_t row = stream->front_end->frame_features;
    stream->frames -= frames;
    memmove(stream->features, stream->features + frames * row, stream->frames * row);
}

/* Of sounds the newest frame's features come behind the others. */
static void compute(tml_stream_t *stream) {
    const tml_front_end_t *front_end = stream->front_end;
    if (front_end->run_frame == NULL) {
        front_end->run(front_end, stream->samples, stream->features, stream->scratch);
        stream->frames = 1;
        return;
    }
    if (tml_stream_ready(stream)) {
        tml_stream_drop(stream, 1);
    }
    int8_t *features = stream->features + (size_t)stream->frames * front_end->frame_features;
    front_end->run_frame(front_end, stream->samples, features, stream->scratch);
    stream->frames++;
}

/* What the next result shares with this one moves to the start. */
static void go_on(tml_stream_t *stream, int32_t span, size_t channels) {
    stream->filled = span - (int32_t)stream->hop;
    if (stream->filled > 0) {
        memmove(stream->samples, stream->samples + stream->hop * channels,
                (size_t)stream->filled * channels * sizeof *stream->samples);
    }
}

uint32_t tml_stream_push(tml_stream_t *stream, const int16_t *samples, uint32_t count) {
    const int32_t span = (int32_t)tml_stream_span(stream->front_end);
    const size_t channels = stream->front_end->channels;
    uint32_t done = 0;
    while (count > 0) {
        /* Up to the end of the span, or of a gap, where the hop is longer than a span. */
        const uint32_t wanted =
            (uint32_t)(stream->filled < 0 ? -stream->filled : span - stream->filled);
        const uint32_t taken = count < wanted ? count : wanted;
        if (stream->filled >= 0) {
            memcpy(stream->samples + (size_t)stream->filled * channels, samples,
                   taken * channels * sizeof *samples);
        }
        stream->filled += (int32_t)taken;
        samples += taken * channels;
        count -= taken;
        if (stream->filled == span) {
            compute(stream);
            done++;
            go_on(stream, span, channels);
        }
    }
    return done;
}

bool tml_stream_ready(const tml_stream_t *stream) {
    return stream->frames == results(stream->front_end);
}
