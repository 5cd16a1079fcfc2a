#include "bus_pins_one_wire.h"

#define RESET_US 490u    /* 480 at least */
#define PRESENCE_US 70u  /* after the reset: a part waits 15 to 60 and holds 60 to 240 */
#define RECOVERY_US 430u /* presence and recovery take 480 at least */
#define ZERO_US 65u      /* 60 to 120 */
#define ONE_US 2u        /* 1 to 15 */
#define SAMPLE_US 5u     /* after it: a part's bit is valid for 15 from the slot's beginning */
#define REST_US 65u      /* a slot takes 60 at least */
#define PAUSE_US 5u      /* between slots; 1 at least */
#define BYTE_WIDTH 8u

static tml_bus_status_t reset(const tml_one_wire_pins_t *pins) {
    pins->put(pins->context, true);
    pins->wait(PAUSE_US);
    if (!pins->is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    pins->put(pins->context, false);
    pins->wait(RESET_US);
    pins->put(pins->context, true);
    pins->wait(PRESENCE_US);
    const bool present = !pins->is_high(pins->context);
    pins->wait(RECOVERY_US);
    if (!pins->is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    return present ? TML_BUS_OK : TML_BUS_NACK;
}

/* A one, and every bit that is read, begins with the shortest pulse; the line then shows whether a
 * part holds it. */
static bool put_one(const tml_one_wire_pins_t *pins) {
    pins->mask(true);
    pins->put(pins->context, false);
    pins->wait(ONE_US);
    pins->put(pins->context, true);
    pins->wait(SAMPLE_US);
    const bool is_high = pins->is_high(pins->context);
    pins->mask(false);
    pins->wait(REST_US);
    return is_high;
}

static void put_zero(const tml_one_wire_pins_t *pins) {
    pins->put(pins->context, false);
    pins->wait(ZERO_US);
    pins->put(pins->context, true);
    pins->wait(PAUSE_US);
}

static uint8_t byte(const tml_one_wire_pins_t *pins, uint8_t value) {
    uint32_t read = 0;
    for (uint32_t i = 0; i < BYTE_WIDTH; ++i) {
        if (value >> i & 1u) {
            read |= (put_one(pins) ? 1u : 0u) << i;
        } else {
            put_zero(pins);
        }
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
