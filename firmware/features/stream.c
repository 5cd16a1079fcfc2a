#include "tml/stream.h"

#include <string.h>

void tml_stream_reset(tml_stream_t *stream) {
    stream->filled = 0;
    stream->frames = 0;
}

/* The oldest frame's features go, the newest one's come behind the others. */
static void append_frame(tml_stream_t *stream) {
    const tml_front_end_t *front_end = stream->front_end;
    const size_t row = front_end->frame_features;
    const size_t kept = front_end->feature_count - row;
    memmove(stream->features, stream->features + row, kept);
    front_end->run_frame(front_end, stream->samples, stream->features + kept, stream->scratch);
    if (stream->frames < front_end->feature_count / front_end->frame_features) {
        stream->frames++;
    }
}

uint32_t tml_stream_push(tml_stream_t *stream, const int16_t *samples, uint32_t count) {
    const int32_t frame = stream->front_end->frame;
    const int32_t hop = (int32_t)stream->front_end->hop;
    uint32_t frames = 0;
    for (uint32_t i = 0; i < count; i++) {
        /* Below 0 are samples between two frames, where the hop is longer than a frame. */
        if (stream->filled >= 0) {
            stream->samples[stream->filled] = samples[i];
        }
        stream->filled++;
        if (stream->filled == frame) {
            append_frame(stream);
            frames++;
            stream->filled = frame - hop;
            if (stream->filled > 0) {
                memmove(stream->samples, stream->samples + hop,
                        (size_t)stream->filled * sizeof *stream->samples);
            }
        }
    }
    return frames;
}

bool tml_stream_ready(const tml_stream_t *stream) {
    const tml_front_end_t *front_end = stream->front_end;
    return stream->frames == front_end->feature_count / front_end->frame_features;
}
