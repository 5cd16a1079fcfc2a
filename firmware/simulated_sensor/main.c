/* The node with a sensor that is SIMULATED, for trying things out on an emulated board: on each
 * channel a triangle with noise on it. Sample n is the same at every run. */
#include "model_select.h"
#include "tml/features.h"
#include "tml/port.h"
#include "tml/service.h"

#define PERIOD_US 10000u /* 100 samples a second; tinyml.cli.nodes knows it */
#define TRIANGLE_SAMPLES 32u
#define NOISE_COUNTS 128u
#define MAX_CHANNELS 64u

/* Multiplication by an odd number and shifts mix a counter's bits well enough for noise. */
static uint32_t noise(uint32_t number, uint32_t channel) {
    uint32_t x = number * 64u + channel;
    x = (x ^ (x >> 15)) * 0x9E3779B1u;
    x = (x ^ (x >> 13)) * 0x85EBCA77u;
    return (x ^ (x >> 16)) % NOISE_COUNTS;
}

static int16_t value(uint32_t number, uint32_t channel) {
    const uint32_t phase = (number + 8u * channel) % TRIANGLE_SAMPLES;
    const uint32_t height = phase < TRIANGLE_SAMPLES / 2u ? phase : TRIANGLE_SAMPLES - phase;
    return (int16_t)(128 * (int32_t)height - 1024 + (int32_t)noise(number, channel));
}

int main(int argc, char **argv) {
    int16_t sample[MAX_CHANNELS];
    uint32_t number = 0;
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    uint64_t due_us = tml_port_monotonic_us();
    for (;;) {
        const bool busy = tml_service_poll();
        if (tml_port_monotonic_us() >= due_us) {
            for (uint32_t channel = 0; channel < TML_MODEL.front_end->channels; ++channel) {
                sample[channel] = value(number, channel);
            }
            tml_service_sample(sample);
            ++number;
            due_us += PERIOD_US;
        } else if (!busy) {
            tml_port_idle(1);
        }
    }
}
