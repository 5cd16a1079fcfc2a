/* Source: Texas Instruments INA219 data sheet, SBOS448G: configuration and its tables of ranges,
 * averages and modes (8.6.2.1), shunt and bus voltage (8.6.3), conversion times (7.5).
 *
 * Current and power are computed here. The part can do it, by a calibration register that it
 * forgets without a word when its supply drops: it then reports no current where there is one. */
#include "ina219.h"

#include "sensors/divide.h"

#include <stddef.h>

#define CONFIGURATION 0u
#define SHUNT_VOLTAGE 1u
#define BUS_VOLTAGE 2u
#define RESET 0x8000u
#define AFTER_RESET 0x399Fu
#define RANGE_32_VOLTS 0x2000u
#define GAIN_SHIFT 11u
#define BUS_AVERAGE_SHIFT 7u
#define SHUNT_AVERAGE_SHIFT 3u
#define AVERAGED 8u /* and the logarithm of how many; 12 bits each */
#define BOTH_ONCE 3u
#define READY 2u
#define BUS_SHIFT 3u
#define MOST_BUS 8000         /* full scale, of 4 mV */
#define STEPS_A_MILLIVOLT 100 /* of the shunt: 10 uV each */
#define LEAST_MILLIVOLTS 40
#define MOST_GAIN 3
#define MOST_AVERAGE 7

#define CONVERSION_US 586u /* at most */
#define CONVERSIONS 2u     /* of the bus after the shunt */
#define TRANSFER_US 5000u
#define TRANSFERS_US 4000u /* of a reading, at 100 kHz */
#define LIMIT_US 200000u

/* A step of the shunt's voltage by 1 uohm, in counts of 10 uA; a step of each, in counts of 0.1 mW,
 * of which 10 uA * 1 mV are one in 10000. */
#define CURRENT_A_STEP 1000000
#define BUS_STEP_MILLIVOLTS 4
#define POWER_A_STEP (BUS_STEP_MILLIVOLTS * CURRENT_A_STEP / 10000)

static const tml_channel_t CHANNELS[] = {
    {"voltage", "V", 0.004f}, {"current", "A", 0.00001f}, {"power", "W", 0.0001f}};

static tml_sensor_status_t put_configuration(const tml_ina219_t *ina219, uint32_t value) {
    const uint8_t data[] = {CONFIGURATION, (uint8_t)(value >> 8), (uint8_t)value};
    const tml_bus_t *bus = ina219->place.bus;
    return tml_sensor_of_bus(
        bus->i2c(bus->context, ina219->place.address, data, sizeof data, NULL, 0, TRANSFER_US));
}

static tml_sensor_status_t get(const tml_ina219_t *ina219, uint8_t address, uint16_t *value) {
    const tml_bus_t *bus = ina219->place.bus;
    uint8_t data[2];
    const tml_bus_status_t status =
        bus->i2c(bus->context, ina219->place.address, &address, 1, data, sizeof data, TRANSFER_US);
    *value = status == TML_BUS_OK ? (uint16_t)(data[0] << 8 | data[1]) : 0u;
    return tml_sensor_of_bus(status);
}

/* n of value = first * 2^n, or more than `most` where there is none. */
static int32_t doublings(int32_t value, int32_t first, int32_t most) {
    int32_t n = 0;
    while (n <= most && value != first << n) {
        ++n;
    }
    return n;
}

static uint32_t settings(const tml_ina219_t *ina219) {
    const uint32_t gain =
        (uint32_t)doublings(ina219->shunt_millivolts, LEAST_MILLIVOLTS, MOST_GAIN);
    const uint32_t average = AVERAGED | (uint32_t)doublings(ina219->average, 1, MOST_AVERAGE);
    return RANGE_32_VOLTS | gain << GAIN_SHIFT | average << BUS_AVERAGE_SHIFT |
           average << SHUNT_AVERAGE_SHIFT;
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_ina219_t *ina219 = context;
    if (ina219->place.bus == NULL || ina219->place.bus->i2c == NULL) {
        return TML_SENSOR_ABSENT;
    }
    if (ina219->shunt_microohms < 100 ||
        doublings(ina219->shunt_millivolts, LEAST_MILLIVOLTS, MOST_GAIN) > MOST_GAIN ||
        doublings(ina219->average, 1, MOST_AVERAGE) > MOST_AVERAGE ||
        period_us < CONVERSIONS * CONVERSION_US * (uint64_t)ina219->average + TRANSFERS_US) {
        return TML_SENSOR_UNSUITABLE;
    }
    uint16_t found;
    tml_sensor_status_t status = put_configuration(ina219, RESET);
    if (status == TML_SENSOR_OK) {
        status = get(ina219, CONFIGURATION, &found);
    }
    if (status == TML_SENSOR_OK && found != AFTER_RESET) {
        return TML_SENSOR_ABSENT; /* it has no identity: this is as near as one comes */
    }
    return status == TML_SENSOR_OK ? put_configuration(ina219, settings(ina219)) : status;
}

static tml_sensor_status_t start(void *context) {
    const tml_ina219_t *ina219 = context;
    return put_configuration(ina219, settings(ina219) | BOTH_ONCE);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_ina219_t *ina219 = context;
    const int32_t full = ina219->shunt_millivolts * STEPS_A_MILLIVOLT;
    uint16_t bus;
    uint16_t shunt;
    tml_sensor_status_t status = get(ina219, BUS_VOLTAGE, &bus);
    if (status == TML_SENSOR_OK && (bus & READY) == 0) {
        return TML_SENSOR_LATER;
    }
    if (status == TML_SENSOR_OK) {
        status = get(ina219, SHUNT_VOLTAGE, &shunt);
    }
    if (status == TML_SENSOR_OK) { /* no mode: off, until the next start */
        status = put_configuration(ina219, settings(ina219));
    }
    if (status != TML_SENSOR_OK) {
        return status;
    }
    const int32_t volts = bus >> BUS_SHIFT;
    const int32_t across = (int16_t)shunt;
    if (volts >= MOST_BUS || across >= full || across <= -full) {
        return TML_SENSOR_DAMAGED; /* at its end the part says less than there is */
    }
    counts[0] = volts;
    counts[1] = (int32_t)tml_divided((int64_t)across * CURRENT_A_STEP, ina219->shunt_microohms);
    counts[2] =
        (int32_t)tml_divided((int64_t)volts * across * POWER_A_STEP, ina219->shunt_microohms);
    return TML_SENSOR_OK;
}

tml_sensor_t tml_ina219_sensor(tml_ina219_t *driver) {
    return (tml_sensor_t){
        .name = "ina219",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
