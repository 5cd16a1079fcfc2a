#include "replay.h"

#include "replay_data.h"

#include <stddef.h>

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_replay_t *replay = context;
    (void)period_us;
    if (replay->channels != TML_REPLAY_CHANNELS) {
        return TML_SENSOR_UNSUITABLE;
    }
    return replay->next < TML_REPLAY_SAMPLES || replay->repeat != 0 ? TML_SENSOR_OK
                                                                    : TML_SENSOR_ABSENT;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    tml_replay_t *replay = context;
    if (replay->next >= TML_REPLAY_SAMPLES) {
        if (replay->repeat == 0) {
            return TML_SENSOR_ABSENT;
        }
        replay->next = 0;
    }
    for (uint32_t channel = 0; channel < TML_REPLAY_CHANNELS; ++channel) {
        counts[channel] = TML_REPLAY[replay->next * TML_REPLAY_CHANNELS + channel];
    }
    ++replay->next;
    return TML_SENSOR_OK;
}

tml_sensor_t tml_replay_sensor(tml_replay_t *driver) {
    return (tml_sensor_t){
        .name = "replay",
        .channels = NULL,
        .channel_count = driver->channels,
        .buffered = 0,
        .limit_us = 0,
        .context = driver,
        .begin = begin,
        .read = read,
    };
}
