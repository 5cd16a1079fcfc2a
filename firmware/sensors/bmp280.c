#include "bmp280.h"

#define IDENTITY 0x58u

static const tml_channel_t CHANNELS[] = {{"temperature", "degC", 0.01f},
                                         {"pressure", "Pa", 0.00390625f}};

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    tml_bmp280_t *bmp280 = context;
    return period_us < TML_BOSCH_LIMIT_US
               ? TML_SENSOR_UNSUITABLE
               : tml_bosch_begin(&bmp280->place, IDENTITY, &bmp280->coefficients);
}

static tml_sensor_status_t start(void *context) {
    const tml_bmp280_t *bmp280 = context;
    return tml_bosch_start(&bmp280->place);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_bmp280_t *bmp280 = context;
    uint8_t data[6];
    int32_t fine;
    const tml_sensor_status_t status = tml_bosch_fetch(&bmp280->place, data, sizeof data);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    const int32_t pressure = tml_bosch_raw(data);
    const int32_t temperature = tml_bosch_raw(data + 3);
    if (pressure == TML_BOSCH_SKIPPED || temperature == TML_BOSCH_SKIPPED) {
        return TML_SENSOR_DAMAGED; /* nothing was measured */
    }
    counts[0] = tml_bosch_temperature(&bmp280->coefficients, temperature, &fine);
    counts[1] = tml_bosch_pressure(&bmp280->coefficients, pressure, fine);
    return TML_SENSOR_OK;
}

tml_sensor_t tml_bmp280_sensor(tml_bmp280_t *driver) {
    return (tml_sensor_t){
        .name = "bmp280",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = TML_BOSCH_LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
