#include "armv81mm/lstm.h"

#include <string.h>

#include "armv81mm/gemv.h"

enum { TOGETHER = 4, TABLE_MIDDLE = 256 };

/* tml_scale; where it shifts to the right, negative halves go down (gemm.h). */
static inline int32x4_t scaled(int32x4_t value, tml_multiplier_t factor) {
    const int32_t left = factor.shift > 0 ? factor.shift : 0;
    const int32_t down = factor.shift < 0;
    const int32x4_t high = vqrdmulhq_n_s32(vshlq_r_s32(value, left), factor.multiplier);
    return vrshlq_n_s32(vqdmlahq_n_s32(high, high, down), factor.shift - left);
}

static inline int32x4_t clamped(int32x4_t value, int32_t lowest, int32_t highest) {
    return vminq_s32(vmaxq_s32(value, vdupq_n_s32(lowest)), vdupq_n_s32(highest));
}

/* The sum of two, saturated to 16 bits one by one and together. */
static inline int32x4_t saturated_sum(int32x4_t a, int32x4_t b) {
    const int16x8_t none = vdupq_n_s16(0);
    return vmovlbq_s16(vqaddq_s16(vqmovnbq_s32(none, a), vqmovnbq_s32(none, b)));
}

/* Sigmoid times 2^(16 + bits), for steps of 2^bits: tml_sigmoid_between. */
static inline int32x4_t between(const uint32_t *table, int32x4_t argument, int bits) {
    const uint32x4_t place =
        vreinterpretq_u32_s32(vaddq_n_s32(argument, TABLE_MIDDLE * (1 << bits)));
    const uint32x4_t index = bits == 9 ? vshrq_n_u32(place, 9) : vshrq_n_u32(place, 8);
    const uint32x4_t step = vldrwq_gather_shifted_offset_u32(table, index);
    const uint32x4_t fraction = vandq_u32(place, vdupq_n_u32((1u << bits) - 1u));
    const uint32x4_t base = vmovlbq_u16(vreinterpretq_u16_u32(step));
    const uint32x4_t shifted = bits == 9 ? vshlq_n_u32(base, 9) : vshlq_n_u32(base, 8);
    return vreinterpretq_s32_u32(vaddq_u32(shifted, vmulq_u32(fraction, vshrq_n_u32(step, 16))));
}

/* Rounded to the right, one less where the argument is negative. */
static inline int32x4_t less_where_negative(int32x4_t value, int32x4_t argument) {
    return vqdmlahq_n_s32(value, argument, 1);
}

static inline int32x4_t sigmoid(const uint32_t *table, int32x4_t gate) {
    const int32x4_t argument = vmulq_n_s32(gate, 3);
    return vrshrq_n_s32(less_where_negative(between(table, argument, 9), argument), 10);
}

static inline int32x4_t hyperbolic_tangent(const uint32_t *table, int32x4_t any) {
    const int32x4_t argument = clamped(any, -(1 << 16), (1 << 16) - 1);
    const int32x4_t doubled = vsubq_n_s32(between(table, argument, 8), 1 << 23);
    return vrshrq_n_s32(less_where_negative(doubled, argument), 8);
}

/* Four units of a gate, Q3.12. */
static inline int32x4_t gate_of(const tml_armv81mm_lstm_t *params, int32_t gate, const int8_t *row,
                                const int8_t *hidden, int32_t unit) {
    const tml_armv81mm_lstm_product_t *first = &params->inputs[gate];
    const tml_armv81mm_lstm_product_t *second = &params->hidden[gate];
    const int32_t inputs = params->common.inputs;
    const int32_t units = params->common.units;
    const int32_t four = unit / TOGETHER;
    const int32x4_t from_input = vaddq_s32(
        tml_armv81mm_gemv(row, first->weights + four * tml_armv81mm_gemv_bytes(inputs), inputs),
        vldrwq_s32(first->biases + unit));
    const int32x4_t from_hidden = vaddq_s32(
        tml_armv81mm_gemv(hidden, second->weights + four * tml_armv81mm_gemv_bytes(units), units),
        vldrwq_s32(second->biases + unit));
    return saturated_sum(scaled(from_input, first->multiplier),
                         scaled(from_hidden, second->multiplier));
}

/* One row of the output, which is the new hidden state. */
static void advance(const tml_armv81mm_lstm_t *params, const int8_t *row, const int8_t *hidden,
                    int8_t *output, int16_t *cell) {
    const tml_lstm_common_t *common = &params->common;
    const uint32_t *table = common->sigmoid_table;
    for (int32_t unit = 0; unit < common->units; unit += TOGETHER) {
        const mve_pred16_t some = vctp32q((uint32_t)(common->units - unit));
        const int32x4_t into = sigmoid(table, gate_of(params, 0, row, hidden, unit));
        const int32x4_t forget = sigmoid(table, gate_of(params, 1, row, hidden, unit));
        const int32x4_t cell_gate = gate_of(params, 2, row, hidden, unit);
        const int32x4_t candidate = common->cell_is_tanh
                                        ? hyperbolic_tangent(table, vmulq_n_s32(cell_gate, 3))
                                        : sigmoid(table, cell_gate);
        const int32x4_t kept =
            scaled(vmulq_s32(forget, vldrhq_z_s32(cell + unit, some)), common->forget);
        const int32x4_t added = scaled(vmulq_s32(into, candidate), common->update);
        int32x4_t state = saturated_sum(kept, added);
        if (common->clip > 0) {
            state = clamped(state, -common->clip, common->clip);
        }
        vstrhq_p_s32(cell + unit, state, some);
        const int32x4_t argument =
            vrshlq_n_s32(vmulq_n_s32(state, common->tanh_multiplier), -common->tanh_right_shift);
        const int32x4_t out = sigmoid(table, gate_of(params, 3, row, hidden, unit));
        const int32x4_t shown = vmulq_s32(hyperbolic_tangent(table, argument), out);
        const int32x4_t value =
            vaddq_n_s32(scaled(shown, common->hidden), common->hidden_zero_point);
        vstrbq_p_s32(output + unit, clamped(value, INT8_MIN, INT8_MAX), some);
    }
}

void tml_armv81mm_lstm(const tml_armv81mm_lstm_t *params, const int8_t *input, int8_t *output,
                       int8_t *hidden, int16_t *cell) {
    const tml_lstm_common_t *common = &params->common;
    const int32_t step_rows = common->time_major ? common->batches : 1;
    const int32_t batch_rows = common->time_major ? 1 : common->steps;
    for (int32_t batch = 0; batch < common->batches; batch++) {
        const int8_t *before = hidden + batch * common->units;
        for (int32_t step = 0; step < common->steps; step++) {
            const int32_t row = step * step_rows + batch * batch_rows;
            int8_t *after = output + row * common->units;
            advance(params, input + row * common->inputs, before, after,
                    cell + batch * common->units);
            before = after;
        }
        memcpy(hidden + batch * common->units, before, (size_t)common->units);
    }
}
