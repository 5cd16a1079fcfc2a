/* One-wire over one pin, by waiting for microseconds.
 *
 * Source: Analog Devices (Maxim) DS18B20 data sheet, rev. 6: reset and presence, write and read
 * slots; application note 126 for the times in between. */
#ifndef TML_BUS_PINS_ONE_WIRE_H
#define TML_BUS_PINS_ONE_WIRE_H

#include "tml/bus.h"

#include <stdbool.h>

typedef struct {
    void *context;
    void (*put)(void *context, bool high); /* true lets the line go, where it is pulled high */
    bool (*is_high)(void *context);
    /* Waits for at least so long, and hardly longer: 5 must end before 8. */
    void (*wait)(uint32_t us);
    /* Keeps interrupts out of the few microseconds that decide on a bit, and lets them in again. */
    void (*mask)(bool masked);
} tml_one_wire_pins_t;

/* As tml_bus_t's `one_wire`. TML_BUS_STUCK where somebody holds the line. A read bit of a part that
 * is not there is 1: parts have checksums for that. */
tml_bus_status_t tml_one_wire_pins_transfer(const tml_one_wire_pins_t *pins, const uint8_t *write,
                                            uint32_t write_bytes, uint8_t *read,
                                            uint32_t read_bytes);

#endif
