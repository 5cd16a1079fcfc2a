/* SVDF: a filter over features, whose last results go through a filter over time. */
#ifndef TML_SVDF_H
#define TML_SVDF_H

#include "fixed_point.h"

typedef struct {
    int32_t batches;
    int32_t inputs;
    int32_t units;
    int32_t rank;   /* filters a unit */
    int32_t memory; /* steps that a filter over time sees */
    int32_t input_zero_point;
    int32_t state_zero_point;
    const TML_FLASH int8_t *features; /* [units * rank][inputs] */
    const TML_FLASH void *times;      /* [units * rank][memory], elements as the state's */
    const TML_FLASH int32_t *bias;    /* [units] */
    tml_multiplier_t into_state;
    tml_requantization_t requantization; /* one multiplier */
} tml_svdf_t;

/* state [batches][units * rank][memory] is read and written. */
void tml_svdf_int8(const tml_svdf_t *params, const int8_t *input, int8_t *output, int8_t *state);
void tml_svdf_int16(const tml_svdf_t *params, const int8_t *input, int8_t *output, int16_t *state);

#endif
