#include "transform.h"

void tml_front_end_spectral(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch) {
    int32_t *data = scratch;
    for (int32_t channel = 0; channel < front_end->channels; channel++) {
        tml_load_samples(front_end, samples + channel, front_end->channels, data);
        tml_transform(front_end, data);
        tml_scale_bands(front_end, channel, data, features);
    }
}
