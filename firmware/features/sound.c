#include "logarithm.h"
#include "scaling.h"
#include "transform.h"

#define WEIGHT_BITS 8
#define COSINE_BITS 14

/* The energies of all mel bands. Each bin lies between two bands: the upper gets its weight in
 * 1/256, the lower the rest. */
static void mel_energies(const tml_front_end_t *front_end, const int32_t *data,
                         uint64_t *energies) {
    const uint8_t *weight = front_end->weights;
    for (int32_t slope = 0; slope <= front_end->band_count; slope++) {
        uint64_t rising = 0;
        uint64_t whole = 0;
        for (int32_t i = front_end->bands[slope]; i < front_end->bands[slope + 1]; i++) {
            const uint64_t power = tml_bin_power(data[i], data[front_end->frame - i]);
            rising += tml_weighted(power, *weight++);
            whole += power;
        }
        if (slope > 0) {
            energies[slope - 1] += (whole << WEIGHT_BITS) - rising;
        }
        if (slope < front_end->band_count) {
            energies[slope] = rising;
        }
    }
}

/* log2 of the bands' energies of one frame. The energies stand at the start of the scratch, its
 * transform after them; their logarithms replace the transform, which is spent by then. */
static int32_t *log_mel(const tml_front_end_t *front_end, const int16_t *samples, void *scratch) {
    uint64_t *energies = scratch;
    int32_t *data = (int32_t *)(void *)(energies + front_end->band_count);
    tml_load_samples(front_end, samples, 1, data);
    tml_transform(front_end, data);
    mel_energies(front_end, data, energies);
    int32_t *logs = data;
    for (int32_t band = 0; band < front_end->band_count; band++) {
        const uint64_t energy = energies[band] >> WEIGHT_BITS;
        logs[band] = tml_log2(energy + (UINT64_C(1) << front_end->floor));
    }
    return logs;
}

void tml_frame_log_mel(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch) {
    const int32_t *logs = log_mel(front_end, samples, scratch);
    for (int32_t band = 0; band < front_end->band_count; band++) {
        features[band] = tml_scale_feature(front_end, band, logs[band]);
    }
}

void tml_frame_mfcc(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                    void *scratch) {
    const int32_t *logs = log_mel(front_end, samples, scratch);
    const int16_t *cosine = front_end->cosines;
    for (int32_t i = 0; i < front_end->frame_features; i++) {
        int64_t sum = INT64_C(1) << (COSINE_BITS - 1);
        for (int32_t band = 0; band < front_end->band_count; band++) {
            sum += (int64_t)logs[band] * *cosine++;
        }
        features[i] = tml_scale_feature(front_end, i, (int32_t)(sum >> COSINE_BITS));
    }
}

void tml_front_end_sound(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch) {
    for (int32_t done = 0; done < front_end->feature_count; done += front_end->frame_features) {
        front_end->run_frame(front_end, samples, features + done, scratch);
        samples += front_end->hop;
    }
}
