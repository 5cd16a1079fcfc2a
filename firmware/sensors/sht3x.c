/* Source: Sensirion SHT3x-DIS data sheet, version 7: commands of single measurements without clock
 * stretching (4.3), soft reset (4.9), status (4.11), conversion (4.13), longest times of a
 * measurement at a low supply (table 4). */
#include "sht3x.h"

#include "sensors/sensirion.h"

#define SOFT_RESET 0x30A2u
#define READ_STATUS 0xF32Du
#define RESET_MS 2u
#define LIMIT_US 50000u
#define REPEATABILITIES 3

static const uint16_t MEASURE[REPEATABILITIES] = {0x2416u, 0x240Bu, 0x2400u};
static const uint16_t LONGEST_US[REPEATABILITIES] = {4500u, 6500u, 15500u};

static const tml_channel_t CHANNELS[] = {{"temperature", "degC", 0.01f}, {"humidity", "%", 0.01f}};

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_sht3x_t *sht3x = context;
    uint16_t state;
    if (sht3x->place.bus == NULL || sht3x->place.bus->i2c == NULL) {
        return TML_SENSOR_ABSENT;
    }
    if (sht3x->repeatability < 0 || sht3x->repeatability >= REPEATABILITIES ||
        period_us < LIMIT_US) {
        return TML_SENSOR_UNSUITABLE;
    }
    tml_sensor_status_t status = tml_sensirion_command(&sht3x->place, SOFT_RESET);
    if (status == TML_SENSOR_OK) {
        tml_sensirion_wait(RESET_MS);
        status = tml_sensirion_command(&sht3x->place, READ_STATUS);
    }
    return status == TML_SENSOR_OK ? tml_sensirion_words(&sht3x->place, &state, 1) : status;
}

static tml_sensor_status_t start(void *context) {
    tml_sht3x_t *sht3x = context;
    const tml_sensor_status_t status =
        tml_sensirion_command(&sht3x->place, MEASURE[sht3x->repeatability]);
    /* It begins when the command has ended: until then it is still busy with the transfer. */
    sht3x->ready_us = tml_port_monotonic_us() + LONGEST_US[sht3x->repeatability];
    return status;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_sht3x_t *sht3x = context;
    uint16_t words[2];
    if (tml_port_monotonic_us() < sht3x->ready_us) {
        return TML_SENSOR_LATER;
    }
    const tml_sensor_status_t status = tml_sensirion_words(&sht3x->place, words, 2);
    if (status == TML_SENSOR_OK) {
        counts[0] = tml_sensirion_temperature(words[0]);
        counts[1] = tml_sensirion_humidity(words[1]);
    }
    return status;
}

tml_sensor_t tml_sht3x_sensor(tml_sht3x_t *driver) {
    return (tml_sensor_t){
        .name = "sht3x",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
