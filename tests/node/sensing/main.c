/* A node whose sensor fails, is late and comes back, in an order that the test knows. Counts are
 * the number of the sample, so that a wrong place or a made-up value shows. */
#include "model_select.h"
#include "tml/port.h"
#include "tml/sensing.h"
#include "tml/service.h"

#include <string.h>

#define PERIOD_US 4000u
#define LIMIT_US 1000u

static uint32_t begun;
static uint32_t asked; /* in this reading */

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    (void)context;
    ++begun;
    /* Absent for the first samples, as one that is still powering up. */
    return period_us != PERIOD_US ? TML_SENSOR_UNSUITABLE
           : begun <= 3u          ? TML_SENSOR_ABSENT
                                  : TML_SENSOR_OK;
}

static tml_sensor_status_t start(void *context) {
    (void)context;
    asked = 0;
    return tml_service_sampled() % 50u == 20u ? TML_SENSOR_BUS : TML_SENSOR_OK;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const uint64_t number = tml_service_sampled();
    (void)context;
    ++asked;
    memset(counts, 0x55, TML_MODEL_CHANNELS * sizeof *counts); /* means nothing unless it is OK */
    if (number % 50u == 30u) {
        return TML_SENSOR_DAMAGED;
    }
    if (number % 50u == 40u) {
        return TML_SENSOR_LATER; /* for ever */
    }
    if (number % 7u == 3u && asked <= 2u) {
        return TML_SENSOR_LATER;
    }
    for (uint32_t channel = 0; channel < TML_MODEL_CHANNELS; ++channel) {
        counts[channel] = (int16_t)(number + 1000u * channel);
    }
    return TML_SENSOR_OK;
}

int main(int argc, char **argv) {
    static int32_t counts[TML_MODEL_CHANNELS];
    static const tml_sensor_t sensor = {.name = "told",
                                        .channel_count = TML_MODEL_CHANNELS,
                                        .limit_us = LIMIT_US,
                                        .begin = begin,
                                        .start = start,
                                        .read = read};
    static tml_sensed_t sensed;
    tml_sensed_channel_t channels[TML_MODEL_CHANNELS];
    tml_sensing_t sensing = {
        .sensors = &sensor, .sensed = &sensed, .counts = counts, .channels = channels, .count = 1};
    for (uint8_t i = 0; i < TML_MODEL_CHANNELS; ++i) {
        channels[i] = (tml_sensed_channel_t){.channel = i, .multiplier = 256};
    }
    tml_sensing_t wrong = sensing;
    tml_port_init(argc, argv);
    wrong.count = 0;
    if (!tml_service_begin() || tml_sensing_begin(&wrong, PERIOD_US) ||
        tml_sensing_begin(&sensing, 0) || !tml_sensing_begin(&sensing, PERIOD_US)) {
        return 1;
    }
    for (;;) {
        tml_sensing_step(&sensing);
    }
}
