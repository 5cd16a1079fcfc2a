/* One-wire of the nRF5, by a pin. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_ONE_WIRE

#include "timer.h"

static void put(void *context, bool high) {
    tml_nrf5_put(((const tml_nrf5_bus_t *)context)->place->data, high);
}

static bool is_high(void *context) {
    return tml_nrf5_is_high(((const tml_nrf5_bus_t *)context)->place->data);
}

/* By the timer itself: the port's time takes too long to ask. */
static void wait(uint32_t us) {
    TIMER_CAPTURE = 1;
    const uint32_t begun_us = TIMER_NOW;
    do {
        TIMER_CAPTURE = 1;
    } while (TIMER_NOW - begun_us <= us); /* the first microsecond had begun before */
}

static void mask(bool masked) {
    if (masked) {
        tml_core_mask();
    } else {
        tml_core_unmask();
    }
}

void tml_nrf5_one_wire_begin(tml_nrf5_bus_t *bus) {
    bus->pins.one_wire = (tml_one_wire_pins_t){
        .context = bus, .put = put, .is_high = is_high, .wait = wait, .mask = mask};
    put(bus, true);
    GPIO_SETTINGS(bus->place->data) = GPIO_PULLED_UP | GPIO_OPEN_DRAIN | GPIO_DRIVES;
}

tml_bus_status_t tml_nrf5_one_wire(void *context, const uint8_t *write, uint32_t write_bytes,
                                   uint8_t *read, uint32_t read_bytes) {
    const tml_nrf5_bus_t *bus = context;
    return tml_one_wire_pins_transfer(&bus->pins.one_wire, write, write_bytes, read, read_bytes);
}

#endif
