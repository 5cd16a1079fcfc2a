/* I2C of the nRF5: by the controller, and by its pins where that cannot: to free a stuck bus, or to
 * ask whether an address answers, which takes no byte. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_I2C

#include "tml/port.h"

#define SETTINGS (GPIO_PULLED_UP | GPIO_OPEN_DRAIN)
#define HALF_US 5u /* 100 kHz */

static void put_clock(void *context, bool high) {
    tml_nrf5_put(((const tml_nrf5_bus_t *)context)->place->clock, high);
}

static void put_data(void *context, bool high) {
    tml_nrf5_put(((const tml_nrf5_bus_t *)context)->place->data, high);
}

static bool clock_is_high(void *context) {
    return tml_nrf5_is_high(((const tml_nrf5_bus_t *)context)->place->clock);
}

static bool data_is_high(void *context) {
    return tml_nrf5_is_high(((const tml_nrf5_bus_t *)context)->place->data);
}

static void set_pins(const tml_bus_place_t *place, uint32_t settings) {
    GPIO_SETTINGS(place->clock) = settings;
    GPIO_SETTINGS(place->data) = settings;
}

void tml_nrf5_i2c_begin(tml_nrf5_bus_t *bus) {
    bus->pins.i2c = (tml_i2c_pins_t){
        .context = bus,
        .clock = put_clock,
        .data = put_data,
        .clock_is_high = clock_is_high,
        .data_is_high = data_is_high,
        .half_us = HALF_US,
    };
    put_clock(bus, true);
    put_data(bus, true);
    set_pins(bus->place, SETTINGS);
}

tml_bus_status_t tml_nrf5_i2c(void *context, uint8_t address, const uint8_t *write,
                              uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                              uint32_t limit_us) {
    const tml_nrf5_bus_t *bus = context;
    const tml_bus_place_t *place = bus->place;
    const uint64_t end_us = tml_port_monotonic_us() + limit_us;
    const bool is_free = clock_is_high(context) && data_is_high(context);
    if (is_free && tml_nrf5_controller_can(place, write, write_bytes, read_bytes)) {
        return tml_nrf5_controller(place, address, write, write_bytes, read, read_bytes, end_us);
    }
    set_pins(place, SETTINGS | GPIO_DRIVES);
    const tml_bus_status_t status = tml_i2c_pins_transfer(&bus->pins.i2c, address, write,
                                                          write_bytes, read, read_bytes, limit_us);
    set_pins(place, SETTINGS);
    return status;
}

#endif
