/* The node with a sensor that is SIMULATED, for trying things out on an emulated board: on each
 * channel a triangle with noise on it. The board's number chooses among a few triangles, as
 * machines in different states move differently; noise and phase are others at each boot, as no two
 * recordings are alike. */
#include "model_select.h"
#include "tml/features.h"
#include "tml/port.h"
#include "tml/service.h"

#define PERIOD_US 10000u /* 100 samples a second; tinyml.cli.nodes knows it */
#define SHORTEST_TRIANGLE 16u
#define TRIANGLE_STEP 16u /* samples from one triangle to the next */
#define TRIANGLES 8u      /* of each height, of which there are two */
#define HEIGHT 2048
#define NOISE_COUNTS 128u
#define MAX_CHANNELS 64u

typedef struct {
    uint32_t samples; /* of a period */
    int32_t height;   /* from the lowest to the highest count */
    uint32_t seed;
} triangle_t;

static triangle_t chosen_triangle(void) {
    uint8_t id[TML_DEVICE_ID_BYTES];
    tml_port_device_id(id);
    const uint32_t which = id[TML_DEVICE_ID_BYTES - 1u];
    return (triangle_t){
        .samples = SHORTEST_TRIANGLE + TRIANGLE_STEP * (which % TRIANGLES),
        .height = HEIGHT >> (which / TRIANGLES % 2u),
        .seed = tml_service_boot_id(),
    };
}

/* Multiplication by an odd number and shifts mix a counter's bits well enough for noise. */
static uint32_t noise(uint32_t seed, uint32_t number, uint32_t channel) {
    uint32_t x = seed ^ (number * 64u + channel);
    x = (x ^ (x >> 15)) * 0x9E3779B1u;
    x = (x ^ (x >> 13)) * 0x85EBCA77u;
    return (x ^ (x >> 16)) % NOISE_COUNTS;
}

static int16_t value(const triangle_t *triangle, uint32_t number, uint32_t channel) {
    const uint32_t start = triangle->seed % triangle->samples;
    const uint32_t phase = (start + number + 8u * channel) % triangle->samples;
    const uint32_t half = triangle->samples / 2u;
    const int32_t distance = (int32_t)(phase < half ? phase : triangle->samples - phase);
    const int32_t level = triangle->height * distance / (int32_t)half - triangle->height / 2;
    return (int16_t)(level + (int32_t)noise(triangle->seed, number, channel));
}

int main(int argc, char **argv) {
    int16_t sample[MAX_CHANNELS];
    uint32_t number = 0;
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    tml_service_simulates();
    const triangle_t triangle = chosen_triangle();
    uint64_t due_us = tml_port_monotonic_us();
    for (;;) {
        const bool busy = tml_service_poll();
        if (tml_port_monotonic_us() >= due_us) {
            for (uint32_t channel = 0; channel < TML_MODEL.front_end->channels; ++channel) {
                sample[channel] = value(&triangle, number, channel);
            }
            tml_service_sample(sample);
            ++number;
            due_us += PERIOD_US;
        } else if (!busy) {
            tml_port_idle(1);
        }
    }
}
