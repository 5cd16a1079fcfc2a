#include "simulated.h"

#include <stddef.h>

#define SHORTEST_TRIANGLE 16u
#define TRIANGLE_STEP 16u /* samples from one triangle to the next */
#define TRIANGLES 8u      /* of each height, of which there are two */
#define HEIGHT 2048
#define NOISE_COUNTS 128u
#define CHANNELS 64u
/* As accelerometers keep in their FIFO: an emulator that the computer stops for a moment misses
 * nothing. */
#define BUFFERED 32u

/* Multiplication by an odd number and shifts mix a counter's bits well enough for noise. */
static uint32_t noise(uint32_t seed, uint32_t number, uint32_t channel) {
    uint32_t x = seed ^ (number * CHANNELS + channel);
    x = (x ^ (x >> 15)) * 0x9E3779B1u;
    x = (x ^ (x >> 13)) * 0x85EBCA77u;
    return (x ^ (x >> 16)) % NOISE_COUNTS;
}

static int16_t value(const tml_simulated_t *triangle, uint32_t number, uint32_t channel) {
    const uint32_t start = triangle->seed % triangle->samples;
    const uint32_t phase = (start + number + 8u * channel) % triangle->samples;
    const uint32_t half = triangle->samples / 2u;
    const int32_t distance = (int32_t)(phase < half ? phase : triangle->samples - phase);
    const int32_t level = triangle->height * distance / (int32_t)half - triangle->height / 2;
    return (int16_t)(level + (int32_t)noise(triangle->seed, number, channel));
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    tml_simulated_t *simulated = context;
    (void)period_us;
    simulated->samples = SHORTEST_TRIANGLE + TRIANGLE_STEP * (simulated->which % TRIANGLES);
    simulated->height = HEIGHT >> (simulated->which / TRIANGLES % 2u);
    return simulated->channels <= CHANNELS ? TML_SENSOR_OK : TML_SENSOR_UNSUITABLE;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    tml_simulated_t *simulated = context;
    const uint32_t number =
        simulated->number != NULL ? (uint32_t)simulated->number() : simulated->read++;
    for (uint32_t channel = 0; channel < simulated->channels; ++channel) {
        counts[channel] = value(simulated, number, channel);
    }
    return TML_SENSOR_OK;
}

tml_sensor_t tml_simulated_sensor(tml_simulated_t *simulated) {
    return (tml_sensor_t){
        .name = "simulated",
        .channels = NULL,
        .channel_count = simulated->channels,
        .buffered = BUFFERED,
        .limit_us = 0,
        .context = simulated,
        .begin = begin,
        .start = NULL,
        .read = read,
    };
}
