/* Source: Sensirion SCD4x data sheet, version 1.3: commands and their times (table 9), periodic
 * measurement (3.5), of low power (3.8), data ready (3.8.2), conversion (table 11).
 *
 * The part measures by itself, every 5 s, or every 30 s where samples are that far apart; a reading
 * is its newest measurement. Its own calibration of the zero stays as it was set. */
#include "scd4x.h"

#include "sensors/sensirion.h"

#define STOP 0x3F86u
#define STOP_MS (1000u / 2u)
#define SERIAL_NUMBER 0x3682u
#define START 0x21B1u
#define START_LOW_POWER 0x21ACu
#define DATA_READY 0xE4B8u
#define READ 0xEC05u
#define COMMAND_MS 1u
#define READY_BITS 0x07FFu
#define SHORTEST_US 5000000u
#define LOW_POWER_US 30000000u
#define LIMIT_US 35000000u
#define ASK_US 100000u /* between two questions */

static const tml_channel_t CHANNELS[] = {
    {"co2", "ppm", 1.0f}, {"temperature", "degC", 0.01f}, {"humidity", "%", 0.01f}};

static tml_sensor_status_t ask(const tml_scd4x_t *scd4x, uint16_t command, uint16_t *words,
                               uint32_t count) {
    const tml_sensor_status_t status = tml_sensirion_command(&scd4x->place, command);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    tml_sensirion_wait(COMMAND_MS);
    return tml_sensirion_words(&scd4x->place, words, count);
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    tml_scd4x_t *scd4x = context;
    uint16_t number[3];
    if (scd4x->place.bus == NULL || scd4x->place.bus->i2c == NULL) {
        return TML_SENSOR_ABSENT;
    }
    if (period_us < SHORTEST_US) {
        return TML_SENSOR_UNSUITABLE;
    }
    tml_sensor_status_t status = tml_sensirion_command(&scd4x->place, STOP);
    if (status == TML_SENSOR_OK) {
        tml_sensirion_wait(STOP_MS);
        status = ask(scd4x, SERIAL_NUMBER, number, 3);
    }
    scd4x->ask_us = 0;
    return status != TML_SENSOR_OK
               ? status
               : tml_sensirion_command(&scd4x->place,
                                       period_us < LOW_POWER_US ? START : START_LOW_POWER);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    tml_scd4x_t *scd4x = context;
    const uint64_t now_us = tml_port_monotonic_us();
    uint16_t words[3];
    if (now_us < scd4x->ask_us) {
        return TML_SENSOR_LATER;
    }
    scd4x->ask_us = now_us + ASK_US;
    tml_sensor_status_t status = ask(scd4x, DATA_READY, words, 1);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    if ((words[0] & READY_BITS) == 0) {
        return TML_SENSOR_LATER;
    }
    status = ask(scd4x, READ, words, 3);
    if (status == TML_SENSOR_OK) {
        counts[0] = words[0];
        counts[1] = tml_sensirion_temperature(words[1]);
        counts[2] = tml_sensirion_humidity(words[2]);
    }
    return status;
}

tml_sensor_t tml_scd4x_sensor(tml_scd4x_t *driver) {
    return (tml_sensor_t){
        .name = "scd4x",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .read = read,
    };
}
