/* Where a new front end starts: how many samples of each channel are above a level.
 * tinyml/features/kinds/template.py computes the same; docs/adding-a-front-end.md says the rest. */
#include "scaling.h"

/* Only the template declares its function here: others do it in tml/features.h. */
void tml_front_end_template(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch);

void tml_front_end_template(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch) {
    (void)scratch; /* its size is `scratch_bytes` in Python: NULL where that is 0 */
    const int32_t level = front_end->parameters[0];
    const int32_t channels = front_end->channels;
    for (int32_t channel = 0; channel < channels; channel++) {
        int32_t above = 0;
        for (int32_t i = 0; i < (int32_t)front_end->window; i++) {
            above += samples[i * channels + channel] > level;
        }
        /* Clamped to int8 with the offset and multiplier of this feature. */
        features[channel] = tml_scale_feature(front_end, channel, above);
    }
}
