#include "transform.h"

#include "logarithm.h"
#include "turn.h"

/* Transforms of `half` values each, that of even places before that of odd ones, become one of
 * twice as many. H. V. Sorensen and others: "Real-valued fast Fourier transform algorithms", IEEE
 * Trans. ASSP 35 (1987): what a bin and its mirror image are computed from is one pair of bins. */
static void combine(int32_t *data, int32_t half, const int16_t *twiddle, int32_t step) {
    const int32_t even = data[0];
    const int32_t odd = data[half];
    data[0] = even + odd;
    data[half] = even - odd;
    int32_t *up = data + 1;
    int32_t *down = data + half - 1;
    for (; up < down; up++, down--, twiddle += step) {
        const tml_half_turned_t odds = tml_half_turn(up[half], down[half], twiddle);
        const int32_t re = *up;
        const int32_t im = *down;
        *up = re + 2 * odds.re;
        down[half] = im + 2 * odds.im;
        *down = re - 2 * odds.re;
        up[half] = 2 * odds.im - im;
    }
    up[half] = -up[half]; /* a quarter of a turn */
}

/* The first three stages of eight values. */
static void transform_eight(int32_t *data) {
    static const int16_t eighth[2] = {TML_ROOT_HALF, TML_ROOT_HALF};
    const int32_t d0 = data[0] + data[1];
    const int32_t d1 = data[0] - data[1];
    const int32_t d2 = data[2] + data[3];
    const int32_t d3 = data[2] - data[3];
    const int32_t d4 = data[4] + data[5];
    const int32_t d5 = data[4] - data[5];
    const int32_t d6 = data[6] + data[7];
    const int32_t d7 = data[6] - data[7];
    const tml_half_turned_t odds = tml_half_turn(d5, -d7, eighth);
    data[0] = d0 + d2 + (d4 + d6);
    data[1] = d1 + 2 * odds.re;
    data[2] = d0 - d2;
    data[3] = d1 - 2 * odds.re;
    data[4] = d0 + d2 - (d4 + d6);
    data[5] = 2 * odds.im + d3;
    data[6] = d6 - d4;
    data[7] = 2 * odds.im - d3;
}

void tml_transform(const tml_front_end_t *front_end, int32_t *data) {
    const int32_t count = front_end->frame;
    for (int32_t start = 0; start < count; start += 8) {
        transform_eight(&data[start]);
    }
    for (int32_t half = 8; half < count; half *= 2) {
        const int32_t step = count / half; /* in elements of the table, two an angle */
        for (int32_t start = 0; start < count; start += 2 * half) {
            combine(&data[start], half, front_end->twiddles + step, step);
        }
    }
    data[count] = 0; /* the imaginary part of bin 0 */
}

void tml_scale_bands(const tml_front_end_t *front_end, int32_t channel, const int32_t *data,
                     int8_t *features) {
    const int32_t count = front_end->frame;
    for (int32_t band = 0; band < front_end->band_count; band++) {
        uint64_t energy = 0;
        for (int32_t i = front_end->bands[band]; i < front_end->bands[band + 1]; i++) {
            energy += tml_bin_power(data[i], data[count - i]);
        }
        const int32_t index = band * front_end->channels + channel;
        features[index] = tml_scale_feature(front_end, index, tml_log2(energy + 1));
    }
}
