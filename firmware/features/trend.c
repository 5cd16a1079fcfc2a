#include "scaling.h"

#define SIXTHS_OF_WINDOW 6

void tml_front_end_trend(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch) {
    (void)scratch;
    const int32_t count = front_end->window;
    const int32_t channels = front_end->channels;
    const int16_t *last = samples + (count - 1) * channels;
    const int32_t lags[] = {count / SIXTHS_OF_WINDOW, count / 2, count - 1};
    int32_t index = 0;
    for (int32_t channel = 0; channel < channels; channel++, index++) {
        features[index] = tml_scale_feature(front_end, index, last[channel]);
    }
    for (uint32_t i = 0; i < sizeof lags / sizeof lags[0]; i++) {
        const int16_t *before = last - lags[i] * channels;
        for (int32_t channel = 0; channel < channels; channel++, index++) {
            const int32_t change = last[channel] - before[channel];
            features[index] = tml_scale_feature(front_end, index, change);
        }
    }
}
