#include "lookup.h"

void tml_lookup_int8(const tml_lookup_t *params, const int8_t *input, int8_t *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        output[i] = params->table[input[i] + 128];
    }
}
