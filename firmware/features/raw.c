#include "scaling.h"

void tml_front_end_raw(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch) {
    (void)scratch;
    for (int32_t i = 0; i < (int32_t)front_end->window; i++) {
        for (int32_t channel = 0; channel < front_end->channels; channel++) {
            *features++ = tml_scale_feature(front_end, channel, *samples++);
        }
    }
}
