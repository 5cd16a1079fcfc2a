#include "node.h"
#include "tml/features.h"

typedef struct {
    int32_t sum;
    int16_t least;
    int16_t greatest;
} channel_t;

static channel_t measure(const int16_t *samples, uint32_t count, uint32_t channels) {
    channel_t found = {.least = INT16_MAX, .greatest = INT16_MIN};
    for (uint32_t i = 0; i < count; ++i) {
        const int16_t sample = samples[i * channels];
        found.sum += sample; /* a window has fewer than 2^16 samples */
        found.least = sample < found.least ? sample : found.least;
        found.greatest = sample > found.greatest ? sample : found.greatest;
    }
    return found;
}

/* To the nearest, halves away from zero. */
static int32_t mean(int32_t sum, int32_t count) {
    return (sum < 0 ? sum - count / 2 : sum + count / 2) / count;
}

void tml_node_put_inputs(tml_cbor_writer_t *record, const tml_node_memory_t *memory) {
    const tml_front_end_t *front_end = memory->model->front_end;
    const uint32_t channels = front_end->channels;
    const uint32_t count =
        memory->sound != NULL ? memory->sound->window_samples : front_end->window;
    const int16_t *samples = (const int16_t *)(const void *)memory->window;
    tml_cbor_array(record, 3 * channels);
    for (uint32_t channel = 0; channel < channels; ++channel) {
        const channel_t found = measure(samples + channel, count, channels);
        tml_cbor_int(record, found.least);
        tml_cbor_int(record, mean(found.sum, (int32_t)count));
        tml_cbor_int(record, found.greatest);
    }
}
