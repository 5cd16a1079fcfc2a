#include "armv7em/depthwise_conv_2d.h"

enum { PLANES = 4 };

/* One activation along, for all across, of one channel. */
static void spread_single(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                          int16_t *plane) {
    for (int32_t q = 0; q < params->across.inputs; q++) {
        plane[2 * q] = input[q * params->across.input_bytes];
    }
}

/* The same of four channels. */
static void spread_four(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                        int16_t *plane, int32_t plane_words) {
    int16_t *plane_1 = plane + 2 * plane_words;
    int16_t *plane_2 = plane_1 + 2 * plane_words;
    int16_t *plane_3 = plane_2 + 2 * plane_words;
    int16_t *const end = plane + 2 * params->across.inputs;
    const int32_t next = params->across.input_bytes;
    for (; plane != end; plane += 2, plane_1 += 2, plane_2 += 2, plane_3 += 2, input += next) {
        *plane = input[0];
        *plane_1 = input[1];
        *plane_2 = input[2];
        *plane_3 = input[3];
    }
}

/* Activations `first` to `end` along of up to four channels, one by one. */
static void spread_singles(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                           int32_t channels, int32_t first, int32_t end, uint32_t *planes) {
    const int32_t plane_words = params->plane_columns * params->plane_across;
    for (int32_t position = first; position < end; position++) {
        const int32_t place = position + params->along.before;
        const int8_t *source = input + position * params->along.input_bytes;
        uint32_t *word = planes + place / 2 * params->plane_across + params->across.before;
        int16_t *half = (int16_t *)(void *)word + place % 2;
        if (channels == PLANES) {
            spread_four(params, source, half, plane_words);
            continue;
        }
        for (int32_t channel = 0; channel < channels; channel++, half += 2 * plane_words) {
            spread_single(params, source + channel, half);
        }
    }
}

/* Up to four channels of an image into their planes, inside the border. */
static void spread(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                   int32_t channels, uint32_t *planes) {
    const tml_armv7em_axis_t *along = &params->along;
    const tml_armv7em_axis_t *across = &params->across;
    /* Pairs start at even places of the plane. */
    const int32_t first = along->before;
    const int32_t pairs = channels == PLANES ? (along->inputs - first) / 2 : 0;
    if (pairs > 0) {
        const tml_armv7em_spread_t work = {
            .input = input + first * along->input_bytes,
            .plane = planes + first * params->plane_across + across->before,
            .plane_bytes = 4 * params->plane_columns * params->plane_across,
            .neighbour_bytes = along->input_bytes,
            .next_bytes = across->input_bytes,
            .walk_bytes = 4 * across->inputs,
            .pairs = pairs,
            .input_skip_bytes = 2 * along->input_bytes - across->inputs * across->input_bytes,
            .plane_skip_bytes = 4 * (params->plane_across - across->inputs),
        };
        tml_armv7em_spread(&work);
        spread_singles(params, input, channels, 0, first, planes);
    }
    const int32_t done = pairs > 0 ? first + 2 * pairs : 0;
    spread_singles(params, input, channels, done, along->inputs, planes);
}

/* Weights of three taps along, times 256: the first two, and the last two. */
static inline uint32_t first_taps(uint32_t row) {
    return (row & 0xFFu) << 8 | (row & 0xFF00u) << 16;
}

static inline uint32_t last_taps(uint32_t row) {
    return (row & 0xFF00u) | (row & 0xFF0000u) << 8;
}

static void convolve(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                     int8_t *output, uint32_t *planes) {
    const tml_armv7em_depthwise_channel_t *channel =
        (const tml_armv7em_depthwise_channel_t *)(const void *)params->parameters;
    const int32_t plane_words = params->plane_columns * params->plane_across;
    const int32_t pairs = params->stride == 1 ? params->along.outputs / 2 : 0;
    const int32_t together = pairs > 0 ? 2 : 1; /* outputs along of a column, but for the last */
    tml_armv7em_plane_t plane = {
        .step_bytes = params->along.output_bytes,
        .advance_bytes = params->across.output_bytes,
        .walk_bytes = 4 * params->across.outputs * params->stride,
        .column_bytes = 4 * params->plane_across,
        .output_column_bytes = together * params->along.output_bytes,
        .pairs = pairs,
        .singles = params->along.outputs - 2 * pairs,
        .skipped = -params->across.outputs & (TML_ARMV7EM_PAIRS_UNROLLED - 1),
    };
    for (int32_t first = 0; first < params->channels; first += PLANES) {
        const int32_t left = params->channels - first;
        const int32_t channels = left < PLANES ? left : PLANES;
        spread(params, input + first, channels, planes);
        plane.plane = planes;
        for (int32_t i = 0; i < channels; i++, channel++, plane.plane += plane_words) {
            plane.multiplier = channel->multiplier;
            plane.constants = channel->constants;
            plane.shift = (int32_t)(channel->row_0 >> 24);
            plane.bias = channel->bias;
            plane.output = output + first + i;
            plane.weights[0] = first_taps(channel->row_0);
            plane.weights[1] = first_taps(channel->row_1);
            plane.weights[2] = first_taps(channel->row_2);
            plane.weights[3] = last_taps(channel->row_0);
            plane.weights[4] = last_taps(channel->row_1);
            plane.weights[5] = last_taps(channel->row_2);
            params->kernel(&plane);
        }
    }
}

static void fill(const tml_armv7em_depthwise_conv_2d_t *params, uint32_t *planes) {
    const uint32_t border = (uint32_t)params->input_zero_point & 0xFFFFu;
    const int32_t words = PLANES * params->plane_columns * params->plane_across;
    for (int32_t i = 0; i < words; i++) {
        planes[i] = border | border << 16;
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
