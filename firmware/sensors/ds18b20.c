/* Source: Maxim DS18B20 data sheet, 19-7487, revision 6: commands, the scratchpad with its
 * checksum, 750 ms at most for a conversion of 12 bits, 85 degC in the scratchpad after power-up.
 */
#include "ds18b20.h"

#include "sensors/crc8.h"
#include "tml/port.h"

#include <stddef.h>

#define SKIP_ROM 0xCCu
#define CONVERT 0x44u
#define READ_SCRATCHPAD 0xBEu
#define SCRATCHPAD_BYTES 9u
#define CONVERSION_US 750000u
#define LIMIT_US 1000000u
#define POWER_UP 0x0550
/* A byte that Maxim calls reserved: it has this value until a conversion. Seen in the data sheet's
 * own table of the scratchpad at power-up. */
#define UNCONVERTED_BYTE 6u
#define UNCONVERTED 0x0Cu

static const tml_channel_t CHANNELS[] = {{"temperature", "degC", 0.0625f}};

static tml_sensor_status_t read_scratchpad(const tml_ds18b20_t *ds18b20, uint8_t *data) {
    const tml_bus_t *bus = ds18b20->place.bus;
    const uint8_t command[] = {SKIP_ROM, READ_SCRATCHPAD};
    const tml_bus_status_t status =
        bus->one_wire(bus->context, command, sizeof command, data, SCRATCHPAD_BYTES);
    if (status != TML_BUS_OK) {
        return tml_sensor_of_bus(status);
    }
    uint8_t any = 0; /* a line that is held low has a right checksum */
    for (uint32_t i = 0; i < SCRATCHPAD_BYTES; ++i) {
        any |= data[i];
    }
    const uint8_t sum = tml_crc8_maxim(data, SCRATCHPAD_BYTES - 1u);
    return any == 0 || sum != data[SCRATCHPAD_BYTES - 1u] ? TML_SENSOR_DAMAGED : TML_SENSOR_OK;
}

static tml_sensor_status_t begin(void *context, uint64_t period_us) {
    const tml_ds18b20_t *ds18b20 = context;
    uint8_t data[SCRATCHPAD_BYTES];
    if (ds18b20->place.bus == NULL || ds18b20->place.bus->one_wire == NULL) {
        return TML_SENSOR_ABSENT;
    }
    return period_us < LIMIT_US ? TML_SENSOR_UNSUITABLE : read_scratchpad(ds18b20, data);
}

static tml_sensor_status_t start(void *context) {
    tml_ds18b20_t *ds18b20 = context;
    const tml_bus_t *bus = ds18b20->place.bus;
    const uint8_t command[] = {SKIP_ROM, CONVERT};
    const tml_bus_status_t status = bus->one_wire(bus->context, command, sizeof command, NULL, 0);
    /* It begins when the command has ended; before its end the last temperature would be read. */
    ds18b20->ready_us = tml_port_monotonic_us() + CONVERSION_US;
    return tml_sensor_of_bus(status);
}

static tml_sensor_status_t read(void *context, int32_t *counts) {
    const tml_ds18b20_t *ds18b20 = context;
    uint8_t data[SCRATCHPAD_BYTES];
    if (tml_port_monotonic_us() < ds18b20->ready_us) {
        return TML_SENSOR_LATER;
    }
    const tml_sensor_status_t status = read_scratchpad(ds18b20, data);
    if (status != TML_SENSOR_OK) {
        return status;
    }
    const int16_t count = (int16_t)(uint16_t)(data[0] | data[1] << 8);
    if (count == POWER_UP && data[UNCONVERTED_BYTE] == UNCONVERTED) {
        return TML_SENSOR_BROKEN; /* it lost its supply and has not converted */
    }
    counts[0] = count;
    return TML_SENSOR_OK;
}

tml_sensor_t tml_ds18b20_sensor(tml_ds18b20_t *driver) {
    return (tml_sensor_t){
        .name = "ds18b20",
        .channels = CHANNELS,
        .channel_count = sizeof CHANNELS / sizeof CHANNELS[0],
        .limit_us = LIMIT_US,
        .context = driver,
        .begin = begin,
        .start = start,
        .read = read,
    };
}
