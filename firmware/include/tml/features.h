/* Front ends: from a window of samples to a model's int8 input, in integer arithmetic. Python's
 * tinyml.features computes the same, number for number. */
#ifndef TML_FEATURES_H
#define TML_FEATURES_H

#include <stdint.h>

typedef struct tml_front_end {
    /* `samples` [window][channels] to `features` [feature_count]; `scratch` has scratch_bytes,
     * aligned to 8, and may be NULL where that is 0. */
    void (*run)(const struct tml_front_end *front_end, const int16_t *samples, int8_t *features,
                void *scratch);
    uint32_t window;        /* samples a window */
    uint16_t channels;      /* interleaved */
    uint16_t feature_count; /* int8 elements of the model's input */
    uint16_t scratch_bytes;
    const int32_t *offsets;     /* one a feature; raw, log: of one time; sounds: of a frame */
    const int32_t *multipliers; /* as offsets; Q24 */
    int32_t zero_point;         /* of the model's input */
    /* Of those with a transform; 0 and NULL elsewhere. */
    uint16_t frame;          /* samples of one transform, a power of two */
    uint16_t band_count;     /* of a frame */
    const int16_t *hann;     /* [frame], Q15 */
    const int16_t *twiddles; /* [frame / 2], cosine and sine in turn, Q15 */
    /* Edges in bins: of bands, [band_count + 1], or of the corners of sounds' triangles,
     * [band_count + 2]. */
    const uint16_t *bands;
    /* Of log; 0 and NULL elsewhere. */
    const uint8_t *logarithmic; /* [channels], whether its logarithm is taken */
    const uint8_t *log_ratios;  /* [log_ratio_count][2], channels: one by the other */
    uint8_t log_ratio_count;
    /* 2^floor is added before a logarithm: to each band's energy (0..40) or to a sample (0..14) */
    uint8_t floor;
    /* Of sounds; 0 and NULL elsewhere. */
    uint32_t hop;            /* samples from one frame to the next */
    uint16_t frame_features; /* of one frame; feature_count is a multiple of it */
    const uint8_t *weights;  /* of each bin from bands[0] on, for its upper band; Q8 */
    union {
        const int16_t *cosines;    /* mfcc: [frame_features][band_count], Q14 */
        const int32_t *parameters; /* of a kind with settings that have no field above */
    };
    /* One frame: `samples` [frame] to `features` [frame_features]; `scratch` as above. */
    void (*run_frame)(const struct tml_front_end *front_end, const int16_t *samples,
                      int8_t *features, void *scratch);
} tml_front_end_t;

void tml_front_end_raw(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch);
void tml_front_end_log(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch);
void tml_front_end_statistics(const tml_front_end_t *front_end, const int16_t *samples,
                              int8_t *features, void *scratch);
void tml_front_end_trend(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch);
void tml_front_end_changes(const tml_front_end_t *front_end, const int16_t *samples,
                           int8_t *features, void *scratch);
void tml_front_end_envelope(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch);
void tml_front_end_sound(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                         void *scratch);
void tml_frame_log_mel(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                       void *scratch);
void tml_frame_mfcc(const tml_front_end_t *front_end, const int16_t *samples, int8_t *features,
                    void *scratch);
void tml_front_end_spectral(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch);

#endif
