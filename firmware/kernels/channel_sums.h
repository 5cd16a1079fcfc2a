/* Sums of int8 over all pixels of an image, channel by channel, that can grow strip by strip; and
 * the means that AVERAGE_POOL_2D and MEAN make of them. */
#ifndef TML_CHANNEL_SUMS_H
#define TML_CHANNEL_SUMS_H

#include "fixed_point.h"

typedef struct {
    int32_t pixels; /* 1 .. 2^24 in all */
    int32_t channels;
    uint8_t continues; /* whether the sums are those of earlier pixels, or begin with 0 */
} tml_channel_sums_t;

void tml_channel_sums(const tml_channel_sums_t *params, const int8_t *input, int32_t *sums);

typedef struct {
    int32_t channels;
    int32_t count;  /* pixels, 1.. */
    int32_t lowest; /* clamp of the fused activation */
    int32_t highest;
} tml_average_of_sums_t;

/* Halves are rounded away from zero. */
void tml_average_of_sums(const tml_average_of_sums_t *params, const int32_t *sums, int8_t *output);

typedef struct {
    int32_t channels;
    int32_t offset;     /* zero point times the number of pixels */
    int32_t multiplier; /* as in tml_mean_or_sum_t */
    int32_t shift;
    int32_t zero_point;
} tml_mean_of_sums_t;

void tml_mean_of_sums(const tml_mean_of_sums_t *params, const int32_t *sums, int8_t *output);

typedef struct {
    tml_channel_sums_t sums; /* of all pixels at once: `continues` is 0 */
    tml_mean_of_sums_t mean;
} tml_channel_means_t;

/* Both in turn, four channels at a time: without memory for the sums. */
void tml_channel_means(const tml_channel_means_t *params, const int8_t *input, int8_t *output);

#endif
