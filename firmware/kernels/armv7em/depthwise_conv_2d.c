#include "armv7em/depthwise_conv_2d.h"

enum { PLANES = 4 };

/* One channel of an image into its plane, inside the border. */
static void spread_channel(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                           uint32_t *plane) {
    const tml_armv7em_axis_t *along = &params->along;
    const tml_armv7em_axis_t *across = &params->across;
    for (int32_t position = 0; position < along->inputs; position++) {
        const int32_t place = position + along->before;
        const int8_t *source = input + position * along->input_bytes;
        uint32_t *word = plane + place / 2 * params->plane_across + across->before;
        int16_t *half = (int16_t *)(void *)word + place % 2;
        for (int32_t q = 0; q < across->inputs; q++, half += 2, source += across->input_bytes) {
            *half = (int16_t)(256 * *source);
        }
    }
}

/* Four channels of an image into their planes, inside the border. */
static void spread(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                   uint32_t *planes) {
    const tml_armv7em_axis_t *along = &params->along;
    const tml_armv7em_axis_t *across = &params->across;
    const uint32_t border = (uint32_t)(params->input_zero_point & 0xFF) * 0x01010101u;
    const int8_t *const beyond = (const int8_t *)&border;
    tml_armv7em_spread_t column = {
        .plane = planes + across->before,
        .plane_bytes = 4 * params->plane_words,
        .words = across->inputs,
    };
    /* Pairs start at even places of the plane. */
    for (int32_t first = -along->before; first < along->inputs; first += 2) {
        const int first_inside = first >= 0;
        const int second_inside = first + 1 < along->inputs;
        column.first = first_inside ? input + first * along->input_bytes : beyond;
        column.first_bytes = first_inside ? across->input_bytes : 0;
        column.second = second_inside ? input + (first + 1) * along->input_bytes : beyond;
        column.second_bytes = second_inside ? across->input_bytes : 0;
        tml_armv7em_spread(&column);
        column.plane += params->plane_across;
    }
}

static void convolve(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                     int8_t *output, uint32_t *planes) {
    const int32_t pairs = params->stride == 1 ? params->along.outputs / 2 : 0;
    const int32_t together = pairs > 0 ? 2 : 1; /* outputs along of a column, but for the last */
    tml_armv7em_planes_t work = {
        .step_bytes = params->along.output_bytes,
        .advance_bytes = params->across.output_bytes,
        .packed = params->packed,
        .plane = planes,
        .plane_bytes = 4 * params->plane_words,
        .column_bytes = 4 * params->plane_across,
        .output_column_bytes = together * params->along.output_bytes,
        .pairs = pairs,
        .singles = params->along.outputs - 2 * pairs,
        .walk_bytes = params->across.outputs / 2 * 8 * params->stride,
        .is_odd = params->across.outputs % 2,
    };
    for (int32_t first = 0; first < params->channels; first += PLANES) {
        const int32_t left = params->channels - first;
        work.channels = left < PLANES ? left : PLANES;
        work.output = output + first;
        if (left >= PLANES) {
            spread(params, input + first, planes);
        } else {
            for (int32_t i = 0; i < left; i++) {
                spread_channel(params, input + first + i, planes + i * params->plane_words);
            }
        }
        params->kernel(&work);
        work.packed += PLANES * params->channel_bytes;
    }
}

static void fill(const tml_armv7em_depthwise_conv_2d_t *params, uint32_t *planes) {
    const uint32_t border = (uint32_t)(params->input_zero_point & 0xFF) * 0x01000100u;
    for (int32_t i = 0; i < params->scratch_words; i++) {
        planes[i] = border;
    }
}

/* Rows of the output from `first` on: a smaller image, with a border only where the whole has one.
 */
static void convolve_strip(const tml_armv7em_depthwise_conv_2d_t *params, int32_t first,
                           const int8_t *input, int8_t *output, uint32_t *planes) {
    tml_armv7em_depthwise_conv_2d_t strip = *params;
    tml_armv7em_axis_t *rows = params->rows_along ? &strip.along : &strip.across;
    const int32_t left = rows->outputs - first;
    const int32_t outputs = left < params->strip_outputs ? left : params->strip_outputs;
    const int32_t begin = first * params->stride - rows->before;
    const int32_t end = begin + (outputs - 1) * params->stride + 3;
    const int32_t first_input = begin > 0 ? begin : 0;
    rows->inputs = (end < rows->inputs ? end : rows->inputs) - first_input;
    rows->outputs = outputs;
    rows->before = first_input - begin;
    fill(&strip, planes);
    convolve(&strip, input + first_input * rows->input_bytes, output + first * rows->output_bytes,
             planes);
}

void tml_armv7em_depthwise_conv_2d(const tml_armv7em_depthwise_conv_2d_t *params,
                                   const int8_t *input, int8_t *output, uint8_t *scratch) {
    const tml_armv7em_axis_t *along = &params->along;
    const tml_armv7em_axis_t *across = &params->across;
    const int32_t rows = params->rows_along ? along->outputs : across->outputs;
    const int32_t outputs = along->outputs * across->outputs * params->channels;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < rows; row += params->strip_outputs) {
            convolve_strip(params, row, input, output, (uint32_t *)(void *)scratch);
        }
        tml_armv7em_clamp(&params->clamp, output, outputs);
        input += along->inputs * across->inputs * params->channels;
        output += outputs;
    }
}
