/* Front ends: from a window of samples to a model's int8 input, in integer arithmetic. Python's
 * tinyml.features computes the same, number for number. */
#ifndef TML_FEATURES_H
#define TML_FEATURES_H

#include <stdint.h>

typedef struct tml_front_end {
    /* `samples` [window][channels] to `features` [feature_count]; `scratch` has scratch_bytes,
     * aligned to 4, and may be NULL where that is 0. */
    void (*run)(const struct tml_front_end *front_end, const int16_t *samples, int8_t *features,
                void *scratch);
    uint16_t window;        /* samples a window */
    uint16_t channels;      /* interleaved */
    uint16_t feature_count; /* int8 elements of the model's input */
    uint16_t scratch_bytes;
    const int32_t *offsets;     /* one a feature; raw: one a channel */
    const int32_t *multipliers; /* as offsets; Q24 */
    int32_t zero_point;         /* of the model's input */
    /* The spectral front end's own; NULL elsewhere. */
    const int16_t *hann;     /* [window], Q15 */
    const int16_t *twiddles; /* [window], cosine and minus sine in turn, Q15 */
    const uint16_t *bands;   /* [band_count + 1], edges in bins */
    uint16_t band_count;
} tml_front_end_t;

void tml_front_end_raw(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch);
void tml_front_end_statistics(const tml_front_end_t *front_end, const int16_t *samples,
                              int8_t *features, void *scratch);
void tml_front_end_trend(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch);
void tml_front_end_spectral(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch);

#endif
