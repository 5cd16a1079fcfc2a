#include "logarithm.h"
#include "scaling.h"

void tml_front_end_log(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch) {
    int32_t *values = scratch; /* of all channels, at one time */
    for (int32_t i = 0; i < (int32_t)front_end->window; i++) {
        for (int32_t channel = 0; channel < front_end->channels; channel++) {
            int32_t value = *samples++;
            if (front_end->logarithmic[channel]) {
                const uint32_t positive = value < 0 ? 0 : (uint32_t)value;
                value = tml_log2(positive + (UINT32_C(1) << front_end->floor));
            }
            values[channel] = value;
            *features++ = tml_scale_feature(front_end, channel, value);
        }
        const uint8_t *ratio = front_end->log_ratios;
        for (int32_t r = 0; r < front_end->log_ratio_count; r++, ratio += 2) {
            const int32_t value = values[ratio[0]] - values[ratio[1]];
            *features++ = tml_scale_feature(front_end, front_end->channels + r, value);
        }
    }
}
