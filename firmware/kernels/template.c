#include "template.h"

/* One body for both types. A longer one stands in a header that is included twice: elements.h. */
#define DEFINE_TEMPLATE(type, name)                                                                \
    void tml_template_##name(const tml_template_t *params, const type *input, type *output) {      \
        for (int32_t i = 0; i < params->elements; i++) {                                           \
            const int32_t centred = input[i] - params->input_zero_point;                           \
            output[i] = (type)tml_requantize(&params->requantization, 0, centred);                 \
        }                                                                                          \
    }

DEFINE_TEMPLATE(int8_t, int8)
DEFINE_TEMPLATE(int16_t, int16)
