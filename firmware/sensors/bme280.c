/* Source: see bosch.h; humidity: BST-BME280-DS002, revision 1.6, 4.2.2 and 4.2.3. */
#include "bme280.h"

#define IDENTITY 0x60u
#define HUMIDITY_1 0xA1u
#define HUMIDITY_2 0xE1u
#define CONTROL_HUMIDITY 0xF2u
#define HUMIDITY_ONCE 0x01u
#define SKIPPED_HUMIDITY 0x8000
#define MOST_HUMIDITY 419430400 /* 100 % in 2^-22 */

static const tml_channel_t CHANNELS[] = {{"temperature", "degC", 0.01f},
                                         {"pressure", "Pa", 0.00390625f},
                                         {"humidity", "%", 0.0009765625f}};

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    tml_bme280_t *bme280 = context;
    uint8_t data[7];
    if (period_us < TML_BOSCH_LIMIT_US) {
        return TML_SENSOR_UNSUITABLE;
    }
    tml_sensor_status_t status = tml_bosch_begin(&bme280->place, IDENTITY, &bme280->coefficients);
    if (status == TML_SENSOR_OK) {
        status = tml_bosch_read(&bme280->place, HUMIDITY_1, &bme280->h1, 1);
    }
    if (status == TML_SENSOR_OK) {
        status = tml_bosch_read(&bme280->place, HUMIDITY_2, data, sizeof data);
    }
    if (status != TML_SENSOR_OK) {
        return status;
    }
    bme280->h2 = (int16_t)(uint16_t)(data[0] | data[1] << 8);
    bme280->h3 = data[2];
    /* Signed values of 12 bits, whose upper eight stand first. */
    bme280->h4 = (int16_t)((int8_t)data[3] * 16 + (data[4] & 0xF));
    bme280->h5 = (int16_t)((int8_t)data[5] * 16 + (data[4] >> 4));
    bme280->h6 = (int8_t)data[6];
    return TML_SENSOR_OK;
}

/* The setting of the humidity takes effect with that of the rest. */
static tml_sensor_status_t start(void *context) {
    const tml_bme280_t *bme280 = context;
    const tml_sensor_status_t status =
        tml_bosch_write(&bme280->place, CONTROL_HUMIDITY, HUMIDITY_ONCE);
    return status == TML_SENSOR_OK ? tml_bosch_start(&bme280->place) : status;
}

/* In 1/1024 %. The data sheet's arithmetic, but in 64 bits: no coefficients can make it wrong. */
static int32_t humidity(const tml_bme280_t *c, int32_t raw, int32_t fine) {
    const int64_t t = (int64_t)fine - 76800;
    const int64_t offset =
        ((int64_t)raw * 16384 - c->h4 * (int64_t)1048576 - c->h5 * t + 16384) >> 15;
    const int64_t by_heat = ((t * c->h6 >> 10) * ((t * c->h3 >> 11) + 32768)) >> 10;
    const int64_t slope = ((by_heat + 2097152) * c->h2 + 8192) >> 14;
    const int64_t linear = offset * slope;
    const int64_t square = (linear >> 15) * (linear >> 15) >> 7;
    const int64_t found = linear - (square * c->h1 >> 4);
    return (int32_t)((found < 0 ? 0 : found > MOST_HUMIDITY ? MOST_HUMIDITY : found) >> 12);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_bme280_t *bme280 = context;
    uint8_t data[8];
    int32_t fine;
    const tml_sensor_status_t status = tml_bosch_fetch(&bme280->place, data, sizeof data);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    const int32_t pressure = tml_bosch_raw(data);
    const int32_t temperature = tml_bosch_raw(data + 3);
    const int32_t raw = data[6] << 8 | data[7];
    if (pressure == TML_BOSCH_SKIPPED || temperature == TML_BOSCH_SKIPPED ||
        raw == SKIPPED_HUMIDITY) {
        return TML_SENSOR_DAMAGED; /* nothing was measured */
    }
    counts[0] = tml_bosch_temperature(&bme280->coefficients, temperature, &fine);
    counts[1] = tml_bosch_pressure(&bme280->coefficients, pressure, fine);
    counts[2] = humidity(bme280, raw, fine);
    return TML_SENSOR_OK;
}

tml_sensor_t tml_bme280_sensor(tml_bme280_t *driver) {
    return (tml_sensor_t){
        .name = "bme280",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = TML_BOSCH_LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
