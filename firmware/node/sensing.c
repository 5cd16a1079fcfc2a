#include "tml/sensing.h"

#include "model_select.h"
#include "tml/event.h"
#include "tml/port.h"
#include "tml/service.h"

#include <stddef.h>
#include <string.h>

#define LONGEST_IDLE_MS 5u /* small UART buffers fill in a few milliseconds */
#define LATER_MS 1u        /* between two questions to a sensor that is measuring */
#define LONGEST_WAIT_S (10u * 60u)
#define US_PER_S 1000000u
#define QUIET_US 60000000u /* between two events of a sensor that fails now and then */

bool tml_sensing_begin(tml_sensing_t *sensing, uint64_t period_us) {
    uint32_t buffered = UINT32_MAX;
    uint16_t first = 0;
    for (uint32_t i = 0; i < sensing->count; ++i) {
        const tml_sensor_t *sensor = &sensing->sensors[i];
        sensing->sensed[i] = (tml_sensed_t){.first = first};
        first = (uint16_t)(first + sensor->channel_count);
        buffered = sensor->buffered < buffered ? sensor->buffered : buffered;
    }
    for (uint32_t i = 0; i + 1u <= TML_MODEL_CHANNELS; ++i) {
        const tml_sensed_channel_t *channel = &sensing->channels[i];
        if (channel->sensor >= sensing->count ||
            channel->channel >= sensing->sensors[channel->sensor].channel_count) {
            return false;
        }
    }
    if (sensing->count == 0 || period_us == 0) {
        return false;
    }
    sensing->period_us = period_us;
    sensing->reading = false;
    tml_service_sample_every(period_us, buffered);
    return true;
}

/* Rounds to the nearest, halves away from zero. */
static int64_t halved(int64_t value, uint32_t bits) {
    if (bits == 0) {
        return value;
    }
    const int64_t half = (int64_t)1 << (bits - 1u);
    return value < 0 ? -((half - value) >> bits) : (value + half) >> bits;
}

int16_t tml_sensed_count(const tml_sensed_channel_t *channel, int32_t count) {
    const int64_t product = (int64_t)count * channel->multiplier;
    const int64_t fine = halved(product, channel->shift) + channel->offset;
    const int64_t whole = halved(fine, TML_SENSED_PART_BITS);
    return (int16_t)(whole < INT16_MIN ? INT16_MIN : whole > INT16_MAX ? INT16_MAX : whole);
}

static bool sample(const tml_sensing_t *sensing) {
    int16_t counts[TML_MODEL_CHANNELS + 1u]; /* C has no arrays of no elements */
    for (uint32_t i = 0; i + 1u <= TML_MODEL_CHANNELS; ++i) {
        const tml_sensed_channel_t *channel = &sensing->channels[i];
        const uint32_t first = sensing->sensed[channel->sensor].first;
        counts[i] = tml_sensed_count(channel, sensing->counts[first + channel->channel]);
    }
    return tml_service_sample(counts);
}

static void log_event(const tml_sensing_t *sensing, tml_event_t event, uint32_t which,
                      const int32_t *values, uint32_t count) {
    const char *name = sensing->sensors[which].name;
    tml_service_event(event, values, count, (const uint8_t *)name, (uint32_t)strlen(name));
}

/* The log is told of a sensor that fails, but not of every glitch. */
static void tell_failure(tml_sensing_t *sensing, uint32_t which, tml_sensor_status_t status) {
    tml_sensed_t *sensed = &sensing->sensed[which];
    const uint64_t now_us = tml_port_monotonic_us();
    if (sensed->told || (sensed->told_us != 0 && now_us - sensed->told_us < QUIET_US)) {
        return;
    }
    const int32_t values[] = {(int32_t)which, status, (int32_t)sensed->failures};
    sensed->told = true;
    sensed->told_us = now_us;
    log_event(sensing, TML_EVENT_SENSOR_FAILED, which, values, 3);
}

static void failed(tml_sensing_t *sensing, uint32_t which, tml_sensor_status_t status) {
    tml_sensed_t *sensed = &sensing->sensed[which];
    const uint32_t longer_s = sensed->wait_s == 0 ? 1u : 2u * sensed->wait_s;
    sensing->reading = false;
    ++sensed->failures;
    sensed->ready = false;
    if (sensed->failing) { /* the first time it is asked again at the next sample */
        sensed->wait_s = longer_s < LONGEST_WAIT_S ? longer_s : LONGEST_WAIT_S;
    }
    sensed->failing = true;
    sensed->retry_us = tml_port_monotonic_us() + (uint64_t)sensed->wait_s * US_PER_S;
    tell_failure(sensing, which, status);
}

static void answered(tml_sensing_t *sensing, uint32_t which) {
    tml_sensed_t *sensed = &sensing->sensed[which];
    sensed->reading = false;
    sensed->failing = false;
    sensed->wait_s = 0;
    if (sensed->told) {
        const uint64_t away_s = (tml_port_monotonic_us() - sensed->told_us) / US_PER_S;
        const int32_t values[] = {(int32_t)which, (int32_t)away_s};
        sensed->told = false;
        log_event(sensing, TML_EVENT_SENSOR_BACK, which, values, 2);
    }
}

static tml_sensor_status_t start_one(tml_sensing_t *sensing, uint32_t which) {
    const tml_sensor_t *sensor = &sensing->sensors[which];
    tml_sensed_t *sensed = &sensing->sensed[which];
    if (!sensed->ready) {
        const tml_sensor_status_t status = sensor->begin(sensor->context, sensing->period_us);
        if (status != TML_SENSOR_OK) {
            return status;
        }
        sensed->ready = true;
    }
    sensed->reading = true;
    return sensor->start == NULL ? TML_SENSOR_OK : sensor->start(sensor->context);
}

static bool waits_for_one(const tml_sensing_t *sensing) {
    for (uint32_t i = 0; i < sensing->count; ++i) {
        const tml_sensed_t *sensed = &sensing->sensed[i];
        if (sensed->failing && tml_port_monotonic_us() < sensed->retry_us) {
            return true;
        }
    }
    return false;
}

/* Starts all sensors; false where one failed, or is left alone for a while. */
static bool start(tml_sensing_t *sensing) {
    if (waits_for_one(sensing)) {
        return false;
    }
    sensing->reading = true;
    for (uint32_t i = 0; i < sensing->count; ++i) {
        const tml_sensor_status_t status = start_one(sensing, i);
        if (status != TML_SENSOR_OK) {
            failed(sensing, i, status);
            return false;
        }
    }
    sensing->started_us = tml_port_monotonic_us();
    return true;
}

/* OK where all have answered, LATER where one has not, otherwise how one failed. */
static tml_sensor_status_t read(tml_sensing_t *sensing) {
    tml_sensor_status_t all = TML_SENSOR_OK;
    for (uint32_t i = 0; i < sensing->count; ++i) {
        const tml_sensor_t *sensor = &sensing->sensors[i];
        tml_sensed_t *sensed = &sensing->sensed[i];
        if (!sensed->reading) {
            continue;
        }
        tml_sensor_status_t status = sensor->read(sensor->context, sensing->counts + sensed->first);
        const uint64_t elapsed_us = tml_port_monotonic_us() - sensing->started_us;
        if (status == TML_SENSOR_LATER && elapsed_us > sensor->limit_us) {
            status = TML_SENSOR_LATE;
        }
        if (status < 0) {
            failed(sensing, i, status);
            return status;
        }
        if (status == TML_SENSOR_LATER) {
            all = status;
        } else {
            answered(sensing, i);
        }
    }
    return all;
}

bool tml_sensing_step(tml_sensing_t *sensing) {
    const bool busy = tml_service_poll();
    if (!sensing->reading) {
        if (!tml_service_due()) {
            if (!busy) {
                tml_service_idle(LONGEST_IDLE_MS);
            }
            return false;
        }
        if (!start(sensing)) {
            tml_service_failed();
            return false;
        }
    }
    const tml_sensor_status_t status = read(sensing);
    if (status == TML_SENSOR_LATER) {
        if (!busy) {
            tml_port_idle(LATER_MS);
        }
        return false;
    }
    sensing->reading = false;
    if (status == TML_SENSOR_OK) {
        return sample(sensing);
    }
    tml_service_failed();
    return false;
}
