/* Source: TFLite Micro's svdf_common.cc. */
#include "svdf.h"

static int32_t feature(const tml_svdf_t *params, const int8_t *input,
                       const TML_FLASH int8_t *weights) {
    int32_t sum = 0;
    for (int32_t k = 0; k < params->inputs; k++) {
        sum += weights[k] * (input[k] - params->input_zero_point);
    }
    return sum;
}

#define TML_ELEMENT_BITS 8
#include "svdf_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "svdf_body.h"
