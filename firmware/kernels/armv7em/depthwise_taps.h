/* DEPTHWISE_CONV_2D of int8 for Armv7E-M, any window: four channels at a time, two taps a product.
 *
 * A list of pointers, made once a pixel, says where each tap reads; those beyond the image read a
 * row of zero points. */
#ifndef TML_ARMV7EM_DEPTHWISE_TAPS_H
#define TML_ARMV7EM_DEPTHWISE_TAPS_H

#include "armv7em/clamp.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t channels; /* >= 4 */
    int32_t input_zero_point;
    int32_t pairs;     /* of taps, rounded up */
    uint8_t is_signed; /* 0 where the zero point is the lowest element (requantize.inc) */
    /* Four channels: 4 times bias, m, constants, S; then a pair: 4 words w0 | w1 << 16. Biases and
     * weights times 256. */
    const int32_t *packed;
    const int32_t *last_packed; /* of the last four channels, where they are no multiple of four */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_depthwise_taps_t;

/* Scratch: 2 * pairs pointers, and a row of channels. */
void tml_armv7em_depthwise_taps(const tml_armv7em_depthwise_taps_t *params, const int8_t *input,
                                int8_t *output, uint8_t *scratch);

#endif
