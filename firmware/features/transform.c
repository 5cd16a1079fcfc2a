#include "transform.h"

#include "scaling.h"

#define LOG_FRACTION_BITS 8

int32_t tml_reversed(int32_t index, int32_t count) {
    int32_t result = 0;
    for (int32_t bit = 1; bit < count; bit <<= 1) {
        result = (result << 1) | (index & 1);
        index >>= 1;
    }
    return result;
}

int32_t tml_windowed(const tml_front_end_t *front_end, int32_t index, int32_t value) {
    return (int32_t)(((int64_t)value * front_end->hann[index]) >> 15);
}

void tml_transform_load(const tml_front_end_t *front_end, const int16_t *samples, int32_t stride,
                        tml_complex_t *data) {
    const int32_t count = front_end->frame;
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += samples[i * stride];
    }
    const int32_t mean = (int32_t)tml_floor_divide(total, count);
    for (int32_t i = 0; i < count; i++) {
        tml_complex_t *slot = &data[tml_reversed(i, count)];
        slot->re = tml_windowed(front_end, i, samples[i * stride] - mean);
        slot->im = 0;
    }
}

void tml_transform(const tml_front_end_t *front_end, tml_complex_t *data) {
    const int32_t count = front_end->frame;
    for (int32_t half = 1; half < count; half *= 2) {
        const int32_t stride = count / (2 * half);
        for (int32_t start = 0; start < count; start += 2 * half) {
            const int16_t *twiddle = front_end->twiddles;
            for (int32_t k = 0; k < half; k++, twiddle += 2 * stride) {
                const int64_t cosine = twiddle[0];
                const int64_t sine = twiddle[1];
                tml_complex_t *upper = &data[start + k];
                tml_complex_t *lower = &data[start + k + half];
                const int32_t re =
                    (int32_t)((lower->re * cosine - lower->im * sine + (1 << 14)) >> 15);
                const int32_t im =
                    (int32_t)((lower->re * sine + lower->im * cosine + (1 << 14)) >> 15);
                lower->re = upper->re - re;
                lower->im = upper->im - im;
                upper->re += re;
                upper->im += im;
            }
        }
    }
}

int32_t tml_log2(uint64_t value) {
    int32_t exponent = 63;
    while (!(value >> exponent)) {
        exponent--;
    }
    const uint64_t aligned = exponent >= LOG_FRACTION_BITS
                                 ? value >> (exponent - LOG_FRACTION_BITS)
                                 : value << (LOG_FRACTION_BITS - exponent);
    const int32_t fraction = (int32_t)aligned - (1 << LOG_FRACTION_BITS);
    const int32_t bend = (fraction * (256 - fraction) * 88) >> 16;
    return exponent * (1 << LOG_FRACTION_BITS) + fraction + bend;
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
