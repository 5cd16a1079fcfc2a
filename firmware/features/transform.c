#include "transform.h"

#include "logarithm.h"
#include "scaling.h"
#include "turn.h"

/* The first two stages of four real values: no factor but 1 and -i. */
static void transform_four(tml_complex_t *data) {
    const int32_t second = tml_turn_real(data[1].re);
    const int32_t fourth = tml_turn_real(data[3].re);
    const int32_t even = data[0].re + second;
    const int32_t even_difference = data[0].re - second;
    const int32_t odd = tml_turn_real(data[2].re + fourth);
    const int32_t odd_difference = data[2].re - fourth;
    data[0] = (tml_complex_t){even + odd, 0};
    data[1] = (tml_complex_t){even_difference, -odd_difference};
    data[2] = (tml_complex_t){even - odd, 0};
    data[3] = (tml_complex_t){even_difference, odd_difference};
}

static void butterflies(const int16_t *twiddle, int32_t step, tml_complex_t *upper, int32_t half) {
    tml_complex_t *lower = upper + half;
    for (const tml_complex_t *end = lower; upper < end; upper++, lower++, twiddle += step) {
        const tml_complex_t turned = tml_turn(*lower, twiddle);
        const tml_complex_t before = *upper;
        *lower = (tml_complex_t){before.re - turned.re, before.im - turned.im};
        *upper = (tml_complex_t){before.re + turned.re, before.im + turned.im};
    }
}

void tml_transform(const tml_front_end_t *front_end, tml_complex_t *data) {
    const int32_t count = front_end->frame;
    const int32_t last = count / 2;
    for (int32_t start = 0; start < count; start += 4) {
        transform_four(&data[start]);
    }
    for (int32_t half = 4; half < last; half *= 2) {
        for (int32_t start = 0; start < count; start += 2 * half) {
            butterflies(front_end->twiddles, count / half, &data[start], half);
        }
    }
    /* Of the last stage nobody asks for more than the lower half. */
    const int16_t *twiddle = front_end->twiddles;
    for (int32_t k = 0; k < last; k++, twiddle += 2) {
        const tml_complex_t turned = tml_turn(data[k + last], twiddle);
        data[k].re += turned.re;
        data[k].im += turned.im;
    }
}

void tml_scale_bands(const tml_front_end_t *front_end, int32_t channel, const tml_complex_t *data,
                     int8_t *features) {
    for (int32_t band = 0; band < front_end->band_count; band++) {
        uint64_t energy = 0;
        for (int32_t i = front_end->bands[band]; i < front_end->bands[band + 1]; i++) {
            energy += tml_power(&data[i]);
        }
        const int32_t index = band * front_end->channels + channel;
        features[index] = tml_scale_feature(front_end, index, tml_log2(energy + 1));
    }
}
