/* Where a new driver starts: copy this file and its header, and fill in what the comments ask for.
 * It compiles as it stands, and gives a made-up temperature; tml/sensor.h is the manual. */
#include "template.h"

#include <stddef.h>

#define ADDRESS_UNUSED 0u
/* The datasheet's longest time of one measurement, and something on top. */
#define LIMIT_US 50000u

/* One line a channel, in the order of the counts. The scale is the datasheet's value of one count:
 * data are recorded, and models trained, with the same. */
static const tml_channel_t CHANNELS[] = {
    {"temperature", "degC", 0.01f},
};

/* Find the part (an identification register that differs is TML_SENSOR_ABSENT), set range and
 * filter, and choose the rate nearest above 1 / period_us; TML_SENSOR_UNSUITABLE where it cannot
 * measure so often. Called again after every failure, so it sets up everything, as after power-up.
 */
static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    tml_template_t *driver = context;
    if (driver->place.bus == NULL || driver->place.address == ADDRESS_UNUSED) {
        return TML_SENSOR_ABSENT;
    }
    return period_us < LIMIT_US ? TML_SENSOR_UNSUITABLE : TML_SENSOR_OK;
}

/* Write the command that starts one measurement, and return at once. A sensor that measures by
 * itself needs no start: NULL in the table below. */
static tml_sensor_status_t start(void *context) {
    tml_template_t *driver = context;
    driver->measuring = true;
    return TML_SENSOR_OK;
}

/* Ask whether it is done (TML_SENSOR_LATER), fetch the bytes, compare the checksum
 * (TML_SENSOR_DAMAGED), and only then write counts. Never wait, and never invent a value. */
static tml_sensor_status_t read(void *context, int32_t *counts) {
    tml_template_t *driver = context;
    if (driver->measuring) {
        driver->measuring = false;
        return TML_SENSOR_LATER;
    }
    counts[0] = 2150;
    return TML_SENSOR_OK;
}

tml_sensor_t tml_template_sensor(tml_template_t *driver) {
    return (tml_sensor_t){
        .name = "template",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .buffered = 0, /* how many samples its FIFO holds, where it has one that is used */
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
