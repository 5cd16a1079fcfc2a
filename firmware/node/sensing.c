#include "tml/sensing.h"

#include "model_select.h"
#include "tml/port.h"
#include "tml/service.h"

#include <stddef.h>

#define LONGEST_IDLE_MS 5u /* small UART buffers fill in a few milliseconds */
#define LATER_MS 1u        /* between two questions to a sensor that is measuring */

bool tml_sensing_begin(tml_sensing_t *sensing, const tml_sensor_t *sensor, int32_t *counts,
                       uint64_t period_us) {
    *sensing = (tml_sensing_t){.sensor = sensor, .counts = counts, .period_us = period_us};
    if (sensor->channel_count != TML_MODEL_CHANNELS || period_us == 0) {
        return false;
    }
    tml_service_sample_every(period_us, sensor->buffered);
    return true;
}

static tml_sensor_status_t start(tml_sensing_t *sensing) {
    const tml_sensor_t *sensor = sensing->sensor;
    if (!sensing->ready) {
        const tml_sensor_status_t status = sensor->begin(sensor->context, sensing->period_us);
        if (status != TML_SENSOR_OK) {
            return status;
        }
        sensing->ready = true;
    }
    sensing->started_us = tml_port_monotonic_us();
    return sensor->start == NULL ? TML_SENSOR_OK : sensor->start(sensor->context);
}

static tml_sensor_status_t read(const tml_sensing_t *sensing) {
    const tml_sensor_t *sensor = sensing->sensor;
    const tml_sensor_status_t status = sensor->read(sensor->context, sensing->counts);
    const uint64_t elapsed_us = tml_port_monotonic_us() - sensing->started_us;
    return status == TML_SENSOR_LATER && elapsed_us > sensor->limit_us ? TML_SENSOR_LATE : status;
}

static int16_t saturated(int32_t count) {
    return (int16_t)(count < INT16_MIN ? INT16_MIN : count > INT16_MAX ? INT16_MAX : count);
}

static bool sample(const tml_sensing_t *sensing) {
    int16_t counts[TML_MODEL_CHANNELS + 1u]; /* C has no arrays of no elements */
    for (uint32_t channel = 0; channel < sensing->sensor->channel_count; ++channel) {
        counts[channel] = saturated(sensing->counts[channel]);
    }
    return tml_service_sample(counts);
}

bool tml_sensing_step(tml_sensing_t *sensing) {
    const bool busy = tml_service_poll();
    tml_sensor_status_t status = TML_SENSOR_OK;
    if (!sensing->reading) {
        if (!tml_service_due()) {
            if (!busy) {
                tml_service_idle(LONGEST_IDLE_MS);
            }
            return false;
        }
        status = start(sensing);
    }
    if (status == TML_SENSOR_OK) {
        status = read(sensing);
    }
    sensing->reading = status == TML_SENSOR_LATER;
    if (status == TML_SENSOR_OK) {
        return sample(sensing);
    }
    if (sensing->reading) {
        if (!busy) {
            tml_port_idle(LATER_MS);
        }
        return false;
    }
    sensing->ready = false;
    tml_service_failed();
    return false;
}
