#include "voltage.h"

#include "sensors/divide.h"

#include <stddef.h>

#define LIMIT_US 100000u
#define MOST_CONVERSIONS 256

static const tml_channel_t CHANNELS[] = {{"voltage", "V", 0.0001f}};
#define MICROVOLTS_A_COUNT 100

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_voltage_t *voltage = context;
    (void)period_us;
    if (voltage->place.bus == NULL || voltage->place.bus->adc == NULL) {
        return TML_SENSOR_ABSENT;
    }
    return voltage->multiply < 1 || voltage->divide < 1 || voltage->average < 1 ||
                   voltage->average > MOST_CONVERSIONS
               ? TML_SENSOR_UNSUITABLE
               : TML_SENSOR_OK;
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_voltage_t *voltage = context;
    const tml_bus_t *bus = voltage->place.bus;
    int64_t sum = 0;
    for (int32_t i = 0; i < voltage->average; ++i) {
        int32_t microvolts;
        const tml_bus_status_t status = bus->adc(bus->context, voltage->place.address, &microvolts);
        if (status != TML_BUS_OK) {
            return tml_sensor_of_bus(status);
        }
        sum += microvolts;
    }
    const int64_t by = (int64_t)voltage->average * voltage->divide * MICROVOLTS_A_COUNT;
    const int64_t found = tml_divided(sum * voltage->multiply, by);
    if (found > INT32_MAX || found < INT32_MIN) {
        return TML_SENSOR_DAMAGED;
    }
    counts[0] = (int32_t)found;
    return TML_SENSOR_OK;
}

tml_sensor_t tml_voltage_sensor(tml_voltage_t *driver) {
    return (tml_sensor_t){
        .name = "voltage",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .read = read,
    };
}
