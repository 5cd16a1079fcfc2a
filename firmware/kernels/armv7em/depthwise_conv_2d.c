#include "armv7em/depthwise_conv_2d.h"

#include <arm_acle.h>
#include <string.h>

enum { PLANES = 4 };

static inline uint32_t load(const int8_t *four) {
    uint32_t word;
    memcpy(&word, four, sizeof word);
    return word;
}

/* Channels 0 and 2 of a pixel as 16 bits each; 1 and 3. */
static inline uint32_t even(uint32_t pixel) {
    return (uint32_t)__sxtb16((int8x4_t)pixel);
}

static inline uint32_t odd(uint32_t pixel) {
    return (uint32_t)__sxtb16((int8x4_t)(pixel >> 8 | pixel << 24));
}

static inline uint32_t low_halves(uint32_t first, uint32_t second) {
    return (first & 0xFFFFu) | second << 16;
}

static inline uint32_t high_halves(uint32_t first, uint32_t second) {
    return first >> 16 | (second & 0xFFFF0000u);
}

/* Two neighbours along, for all across: a word of each of four planes. */
static void spread_pairs(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                         uint32_t *plane) {
    const int32_t plane_words = params->plane_columns * params->plane_across;
    const int32_t neighbour = params->along.input_bytes;
    const int32_t next = params->across.input_bytes;
    uint32_t *plane_1 = plane + plane_words;
    uint32_t *plane_2 = plane_1 + plane_words;
    uint32_t *plane_3 = plane_2 + plane_words;
    uint32_t *const end = plane + params->across.inputs;
    while (plane != end) {
        const uint32_t first = load(input);
        const uint32_t second = load(input + neighbour);
        const uint32_t first_even = even(first), first_odd = odd(first);
        const uint32_t second_even = even(second), second_odd = odd(second);
        input += next;
        *plane++ = low_halves(first_even, second_even);
        *plane_1++ = low_halves(first_odd, second_odd);
        *plane_2++ = high_halves(first_even, second_even);
        *plane_3++ = high_halves(first_odd, second_odd);
    }
}

/* One activation along, for all across, of one channel. */
static void spread_single(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                          int16_t *plane) {
    for (int32_t q = 0; q < params->across.inputs; q++) {
        plane[2 * q] = input[q * params->across.input_bytes];
    }
}

/* Up to four channels of an image into their planes, inside the border. */
static void spread(const tml_armv7em_depthwise_conv_2d_t *params, const int8_t *input,
                   int32_t channels, uint32_t *planes) {
    const tml_armv7em_axis_t *along = &params->along;
    const int32_t plane_words = params->plane_columns * params->plane_across;
    int32_t position = 0;
    while (position < along->inputs) {
        const int32_t place = position + along->before;
        uint32_t *word = planes + place / 2 * params->plane_across + params->across.before;
        const int8_t *source = input + position * along->input_bytes;
        if (channels == PLANES && place % 2 == 0 && position + 1 < along->inputs) {
            spread_pairs(params, source, word);
            position += 2;
            continue;
        }
        for (int32_t channel = 0; channel < channels; channel++) {
            spread_single(params, source + channel,
                          (int16_t *)(void *)(word + channel * plane_words) + place % 2);
        }
        position++;
    }
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
    const int32_t together = params->stride == 1 ? 2 : 1; /* outputs a column along */
    const int32_t columns = (params->along.outputs + together - 1) / together;
    tml_armv7em_plane_t plane = {
        .step_bytes = params->along.output_bytes,
        .advance_bytes = params->across.output_bytes,
        .walk_bytes = 4 * params->across.outputs * params->stride,
        .column_bytes = 4 * params->plane_across,
        .output_column_bytes = together * params->along.output_bytes,
        .columns = columns,
        .last_step_bytes = params->along.outputs % together ? 0 : params->along.output_bytes,
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

void tml_armv7em_depthwise_conv_2d(const tml_armv7em_depthwise_conv_2d_t *params,
                                   const int8_t *input, int8_t *output, uint8_t *scratch) {
    const tml_armv7em_axis_t *along = &params->along;
    const tml_armv7em_axis_t *across = &params->across;
    const int32_t outputs = along->outputs * across->outputs * params->channels;
    uint32_t *planes = (uint32_t *)(void *)scratch;
    const uint32_t border = (uint32_t)params->input_zero_point & 0xFFFFu;
    const int32_t words = PLANES * params->plane_columns * params->plane_across;
    for (int32_t i = 0; i < words; i++) {
        planes[i] = border | border << 16;
    }
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, input, output, planes);
        tml_armv7em_clamp(&params->clamp, output, outputs);
        input += along->inputs * across->inputs * params->channels;
        output += outputs;
    }
}
