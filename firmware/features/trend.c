#include "scaling.h"

#define SIXTHS_OF_WINDOW 6

/* Changes of every channel over each lag, from the feature `index` on. */
static void scale_changes(const tml_front_end_t *front_end, const int16_t *samples,
                          int8_t *features, int32_t index) {
    const int32_t count = (int32_t)front_end->window;
    const int32_t channels = front_end->channels;
    const int16_t *last = samples + (count - 1) * channels;
    const int32_t lags[] = {count / SIXTHS_OF_WINDOW, count / 2, count - 1};
    for (uint32_t i = 0; i < sizeof lags / sizeof lags[0]; i++) {
        const int16_t *before = last - lags[i] * channels;
        for (int32_t channel = 0; channel < channels; channel++, index++) {
            const int32_t change = last[channel] - before[channel];
            features[index] = tml_scale_feature(front_end, index, change);
        }
    }
}

void tml_front_end_trend(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch) {
    (void)scratch;
    const int32_t channels = front_end->channels;
    const int16_t *last = samples + ((int32_t)front_end->window - 1) * channels;
    for (int32_t channel = 0; channel < channels; channel++) {
        features[channel] = tml_scale_feature(front_end, channel, last[channel]);
    }
    scale_changes(front_end, samples, features, channels);
}

void tml_front_end_changes(const tml_front_end_t *front_end, const int16_t *samples,
                           int8_t *features, void *scratch) {
    (void)scratch;
    scale_changes(front_end, samples, features, 0);
}
