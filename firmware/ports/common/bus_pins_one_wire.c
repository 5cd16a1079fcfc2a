#include "bus_pins_one_wire.h"

#include "tml/port.h"

#define RESET_US 490u    /* 480 at least */
#define PRESENCE_US 70u  /* after the reset: a part waits 15 to 60 and holds 60 to 240 */
#define RECOVERY_US 430u /* presence and recovery take 480 at least */
#define ZERO_US 65u      /* 60 to 120 */
#define READ_US 9u       /* from the start of a slot; a part's bit is valid for 15 */
#define SLOT_US 70u
#define PAUSE_US 5u /* between slots; 1 at least */
#define BYTE_WIDTH 8u

static void wait_until(uint64_t us) {
    while (tml_port_monotonic_us() < us) {
    }
}

static void pull(const tml_one_wire_pins_t *pins, uint32_t us) {
    const uint64_t begun_us = tml_port_monotonic_us();
    pins->put(pins->context, false);
    wait_until(begun_us + us);
    pins->put(pins->context, true);
}

static tml_bus_status_t reset(const tml_one_wire_pins_t *pins) {
    pins->put(pins->context, true);
    wait_until(tml_port_monotonic_us() + PAUSE_US);
    if (!pins->is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    pull(pins, RESET_US);
    const uint64_t released_us = tml_port_monotonic_us();
    wait_until(released_us + PRESENCE_US);
    const bool present = !pins->is_high(pins->context);
    wait_until(released_us + PRESENCE_US + RECOVERY_US);
    if (!pins->is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    return present ? TML_BUS_OK : TML_BUS_NACK;
}

/* A one, and every bit that is read, begins with the shortest pulse; the line then shows whether a
 * part holds it. */
static bool slot(const tml_one_wire_pins_t *pins, bool bit) {
    const uint64_t begun_us = tml_port_monotonic_us();
    bool is_high = false;
    if (bit) {
        pins->mask(true);
        const uint64_t pulled_us = tml_port_monotonic_us();
        pins->put(pins->context, false);
        wait_until(pulled_us + 2u); /* 1 at least */
        pins->put(pins->context, true);
        wait_until(pulled_us + READ_US);
        is_high = pins->is_high(pins->context);
        pins->mask(false);
    } else {
        pull(pins, ZERO_US);
    }
    wait_until(begun_us + SLOT_US + PAUSE_US);
    return is_high;
}

static uint8_t byte(const tml_one_wire_pins_t *pins, uint8_t value) {
    uint32_t read = 0;
    for (uint32_t i = 0; i < BYTE_WIDTH; ++i) {
        read |= (slot(pins, (value >> i & 1u) != 0) ? 1u : 0u) << i;
    }
    return (uint8_t)read;
}

tml_bus_status_t tml_one_wire_pins_transfer(const tml_one_wire_pins_t *pins, const uint8_t *write,
                                            uint32_t write_bytes, uint8_t *read,
                                            uint32_t read_bytes) {
    const tml_bus_status_t status = reset(pins);
    if (status != TML_BUS_OK) {
        return status;
    }
    for (uint32_t i = 0; i < write_bytes; ++i) {
        (void)byte(pins, write[i]);
    }
    for (uint32_t i = 0; i < read_bytes; ++i) {
        read[i] = byte(pins, 0xFFu);
    }
    return TML_BUS_OK;
}
