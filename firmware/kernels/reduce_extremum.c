#include "reduce_extremum.h"

typedef struct {
    int32_t value;
    int32_t number; /* of the element among those that are reduced */
} extremum_t;

static extremum_t extremum_of(const tml_reduce_extremum_t *params, const int8_t *input,
                              int32_t output) {
    int32_t index[TML_REDUCE_RANK] = {0};
    int32_t place = tml_kept_place(&params->extents, output);
    extremum_t found = {input[place], 0};
    for (int32_t number = 1; tml_next_reduced(&params->extents, index, &place); number++) {
        const int32_t value = input[place];
        if (params->largest ? value > found.value : value < found.value) {
            found.value = value;
            found.number = number;
        }
    }
    return found;
}

void tml_reduce_extremum_int8(const tml_reduce_extremum_t *params, const int8_t *input,
                              int8_t *output) {
    for (int32_t i = 0; i < params->extents.outputs; i++) {
        output[i] = (int8_t)extremum_of(params, input, i).value;
    }
}

void tml_arg_extremum_int8(const tml_reduce_extremum_t *params, const int8_t *input,
                           int32_t *output) {
    for (int32_t i = 0; i < params->extents.outputs; i++) {
        output[i] = extremum_of(params, input, i).number;
    }
}
