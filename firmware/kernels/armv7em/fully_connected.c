#include "armv7em/fully_connected.h"

#include <arm_acle.h>
#include <stddef.h>
#include <string.h>

static inline uint32_t rotated(uint32_t word, int32_t bits) {
    return word >> bits | word << (32 - bits);
}

/* A and Y of four activations (gemm.h). */
static inline uint32_t *expand(uint32_t *pixel, uint32_t four) {
    *pixel++ = (uint32_t)__sxtab16((int16x2_t)0xFF81FF81, (int8x4_t)rotated(four, 8));
    *pixel++ = rotated(__builtin_bswap32(four), 16) ^ 0x007F007Fu;
    return pixel;
}

static uint32_t *expand_row(uint32_t *pixel, const int8_t *input, int32_t inputs) {
    uint32_t four;
    for (; inputs >= 4; inputs -= 4, input += 4) {
        memcpy(&four, input, sizeof four);
        pixel = expand(pixel, four);
    }
    if (inputs > 0) {
        four = 0;
        memcpy(&four, input, (size_t)inputs);
        pixel = expand(pixel, four);
    }
    return pixel;
}

void tml_armv7em_fully_connected(const tml_armv7em_fully_connected_t *params, const int8_t *input,
                                 int8_t *output, uint8_t *scratch) {
    uint32_t *pixel = (uint32_t *)(void *)scratch;
    const int32_t whole = params->outputs & ~3;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        tml_armv7em_row_t row = {
            .output = output,
            .output_end = output + whole,
            .pixel = pixel,
            .pixel_end = expand_row(pixel, input, params->inputs),
            .stream = params->stream,
            .skipped = tml_armv7em_skipped((params->inputs + 3) / 4),
            .ends = params->ends,
            .ends_bytes = params->ends_bytes,
        };
        if (whole > 0) {
            params->gemv(&row);
        }
        if (params->last_stream != NULL) {
            int8_t last[4];
            row.output = last;
            row.output_end = last + 4;
            row.stream = params->last_stream;
            row.ends = params->ends + params->ends_bytes / 4 * whole;
            params->gemv(&row);
            memcpy(output + whole, last, (size_t)(params->outputs - whole));
        }
        tml_armv7em_clamp(&params->clamp, output, params->outputs);
        input += params->inputs;
        output += params->outputs;
    }
}
