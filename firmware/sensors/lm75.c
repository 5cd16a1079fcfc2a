/* Source: Texas Instruments TMP105 data sheet, SLLS648D: registers (tables 1 to 8), temperature in
 * 12 bits of 1/16 degC, left-justified in 16; resolution by R1 and R0 of the configuration,
 * conversion times in table 8. NXP LM75B data sheet, rev. 6.1: the same registers with 11 bits, of
 * which it leaves the resolution bits reserved. */
#include "lm75.h"

#include "tml/port.h"

#include <stddef.h>

#define TEMPERATURE 0u
#define CONFIGURATION 1u
#define RESOLUTION_SHIFT 5u
#define FEWEST_BITS 9
#define MOST_BITS 12
#define UNUSED_BITS 4u /* of 16; the lowest of them are 0 */
#define TRANSFER_US 10000u
/* A whole conversion of 12 bits takes 220 ms typically, 320 ms at most. */
#define FIRST_MS 40u /* of 9 bits */

static const tml_channel_t CHANNELS[] = {{"temperature", "degC", 0.0625f}};

static tml_sensor_status_t put_configuration(const tml_lm75_t *lm75) {
    const uint8_t data[] = {CONFIGURATION,
                            (uint8_t)((lm75->bits - FEWEST_BITS) << RESOLUTION_SHIFT)};
    const tml_bus_t *bus = lm75->place.bus;
    return tml_sensor_of_bus(
        bus->i2c(bus->context, lm75->place.address, data, sizeof data, NULL, 0, TRANSFER_US));
}

static uint32_t conversion_ms(const tml_lm75_t *lm75) {
    return FIRST_MS << (lm75->bits - FEWEST_BITS);
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_lm75_t *lm75 = context;
    if (lm75->place.bus == NULL || lm75->place.bus->i2c == NULL) {
        return TML_SENSOR_ABSENT;
    }
    if (lm75->bits < FEWEST_BITS || lm75->bits > MOST_BITS ||
        period_us < 1000u * (uint64_t)conversion_ms(lm75)) {
        return TML_SENSOR_UNSUITABLE;
    }
    const tml_sensor_status_t status = put_configuration(lm75);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    const uint64_t begun_ms = tml_port_monotonic_ms(); /* the first conversion is with new bits */
    while (tml_port_monotonic_ms() - begun_ms < conversion_ms(lm75)) {
        tml_port_idle(1);
    }
    return TML_SENSOR_OK;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_lm75_t *lm75 = context;
    const tml_bus_t *bus = lm75->place.bus;
    const uint8_t pointer = TEMPERATURE;
    uint8_t data[2];
    const tml_bus_status_t status =
        bus->i2c(bus->context, lm75->place.address, &pointer, 1, data, sizeof data, TRANSFER_US);
    if (status != TML_BUS_OK) {
        return tml_sensor_of_bus(status);
    }
    const int16_t raw = (int16_t)(uint16_t)(data[0] << 8 | data[1]);
    if ((raw & 0xf) != 0) { /* no part of this family sets them */
        return TML_SENSOR_DAMAGED;
    }
    counts[0] = raw / (1 << UNUSED_BITS);
    return TML_SENSOR_OK;
}

tml_sensor_t tml_lm75_sensor(tml_lm75_t *driver) {
    return (tml_sensor_t){
        .name = "lm75",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = TRANSFER_US,
        .context = driver,
        .begin = begin,
        .read = read,
    };
}
