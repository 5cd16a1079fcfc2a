/* Source: Plantower PMS5003 series data manual, version 2.3, appendix I: a frame of 32 bytes, words
 * with the high byte first, two bytes 0x42 0x4D in front, the count of those that follow, thirteen
 * data, and the sum of all bytes before it. Data 4 to 6 are the concentrations "under atmospheric
 * environment". The part sends by itself, every 2.3 s or, while values change, every 0.2 to 0.8 s.
 */
#include "pms5003.h"

#include <stdbool.h>
#include <stddef.h>

#define START_1 0x42u
#define START_2 0x4Du
#define LENGTH 28u
#define FIRST_DATA 10u /* of the frame: data 4 */
#define SUM (TML_PMS5003_FRAME_BYTES - 2u)
#define LIMIT_US 5000000u

static const tml_channel_t CHANNELS[] = {
    {"pm1_0", "ug/m3", 1.0f}, {"pm2_5", "ug/m3", 1.0f}, {"pm10", "ug/m3", 1.0f}};

static uint32_t word(const uint8_t *data) {
    return (uint32_t)data[0] << 8 | data[1];
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_pms5003_t *pms5003 = context;
    if (pms5003->place.bus == NULL || pms5003->place.bus->uart_read == NULL) {
        return TML_SENSOR_ABSENT;
    }
    return period_us < LIMIT_US ? TML_SENSOR_UNSUITABLE : TML_SENSOR_OK;
}

/* What is there was measured before, so it goes. */
static tml_sensor_status_t start(void *context) {
    tml_pms5003_t *pms5003 = context;
    const tml_bus_t *bus = pms5003->place.bus;
    uint8_t old[16];
    int32_t got = (int32_t)sizeof old;
    for (uint32_t i = 0; i < 64u && got == (int32_t)sizeof old; ++i) {
        got = bus->uart_read(bus->context, old, sizeof old);
    }
    pms5003->used = 0;
    return got < 0 ? tml_sensor_of_bus((tml_bus_status_t)got) : TML_SENSOR_OK;
}

static bool is_whole(const uint8_t *frame) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SUM; ++i) {
        sum += frame[i];
    }
    return word(frame + 2) == LENGTH && word(frame + SUM) == (sum & 0xFFFFu);
}

/* Takes a byte; true where it completed a frame that is whole. What is none is left out. */
static bool put(tml_pms5003_t *pms5003, uint8_t byte) {
    if ((pms5003->used == 0 && byte != START_1) || (pms5003->used == 1 && byte != START_2)) {
        pms5003->used = byte == START_1 ? 1 : 0;
        pms5003->frame[0] = byte;
        return false;
    }
    pms5003->frame[pms5003->used++] = byte;
    if (pms5003->used < TML_PMS5003_FRAME_BYTES) {
        return false;
    }
    pms5003->used = 0;
    return is_whole(pms5003->frame);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    tml_pms5003_t *pms5003 = context;
    const tml_bus_t *bus = pms5003->place.bus;
    uint8_t data[16];
    const int32_t got = bus->uart_read(bus->context, data, sizeof data);
    if (got < 0) {
        return tml_sensor_of_bus((tml_bus_status_t)got);
    }
    for (int32_t i = 0; i < got; ++i) {
        if (put(pms5003, data[i])) {
            for (uint32_t channel = 0; channel < 3; ++channel) {
                counts[channel] = (int32_t)word(pms5003->frame + FIRST_DATA + 2u * channel);
            }
            return TML_SENSOR_OK;
        }
    }
    return TML_SENSOR_LATER;
}

tml_sensor_t tml_pms5003_sensor(tml_pms5003_t *driver) {
    return (tml_sensor_t){
        .name = "pms5003",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
