#include "armv7em/add.h"

#include <string.h>

/* sum + (factor * lane >> 16) for the lower and the upper lane. */
static inline int32_t add_lower(int32_t sum, int32_t factor, uint32_t lanes) {
    __asm__("smlawb %0, %1, %2, %0" : "+r"(sum) : "r"(factor), "r"(lanes));
    return sum;
}

static inline int32_t add_upper(int32_t sum, int32_t factor, uint32_t lanes) {
    __asm__("smlawt %0, %1, %2, %0" : "+r"(sum) : "r"(factor), "r"(lanes));
    return sum;
}

static inline int32_t saturated(int32_t value) {
    __asm__("ssat %0, #8, %0" : "+r"(value));
    return value;
}

static inline uint32_t word_at(const int8_t *elements) {
    uint32_t word;
    memcpy(&word, elements, sizeof word);
    return word;
}

/* Up to four elements, as lanes of 256 times the elements 1 and 3, and 0 and 2. */
static void four(const tml_armv7em_add_t *params, uint32_t a, uint32_t b, int8_t out[4]) {
    const uint32_t lanes = 0xFF00FF00u;
    const int32_t first = params->factors[0];
    const int32_t second = params->factors[1];
    const int32_t shift = params->shift;
    const uint32_t a_odd = a & lanes;
    const uint32_t b_odd = b & lanes;
    const uint32_t a_even = a << 8 & lanes;
    const uint32_t b_even = b << 8 & lanes;
    const int32_t constant = params->constant;
    const int32_t sum_0 = add_lower(add_lower(constant, first, a_even), second, b_even);
    const int32_t sum_1 = add_lower(add_lower(constant, first, a_odd), second, b_odd);
    const int32_t sum_2 = add_upper(add_upper(constant, first, a_even), second, b_even);
    const int32_t sum_3 = add_upper(add_upper(constant, first, a_odd), second, b_odd);
    out[0] = (int8_t)saturated(sum_0 >> shift);
    out[1] = (int8_t)saturated(sum_1 >> shift);
    out[2] = (int8_t)saturated(sum_2 >> shift);
    out[3] = (int8_t)saturated(sum_3 >> shift);
}

void tml_armv7em_add(const tml_armv7em_add_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out) {
    /* A copy stays in registers, which stores of bytes could not change behind the compiler. */
    const tml_armv7em_add_t fixed = *params;
    int8_t *const start = out;
    int8_t *const end = out + (fixed.elements & ~3);
    for (; out != end; a += 4, b += 4, out += 4) {
        four(&fixed, word_at(a), word_at(b), out);
    }
    const size_t rest = (size_t)(fixed.elements & 3);
    if (rest > 0) {
        uint32_t last_a = 0;
        uint32_t last_b = 0;
        int8_t last[4];
        memcpy(&last_a, a, rest);
        memcpy(&last_b, b, rest);
        four(&fixed, last_a, last_b, last);
        memcpy(out, last, rest);
    }
    tml_armv7em_clamp(&fixed.clamp, start, fixed.elements);
}
