/* I2C over two pins: for boards whose controller is no more than that, and for freeing a stuck bus.
 *
 * Source: NXP UM10204, I2C-bus specification, rev. 7.0: start, stop, acknowledge, clock stretching
 * (3.1.9), bus clear by nine clocks (3.1.16). */
#ifndef TML_BUS_PINS_I2C_H
#define TML_BUS_PINS_I2C_H

#include "tml/bus.h"

#include <stdbool.h>

typedef struct {
    void *context;
    /* Lets a line go high (true), where it is pulled, or holds it low. */
    void (*clock)(void *context, bool high);
    void (*data)(void *context, bool high);
    bool (*clock_is_high)(void *context);
    bool (*data_is_high)(void *context);
    uint32_t half_us; /* of a clock's period; 5 for 100 kHz */
} tml_i2c_pins_t;

/* As tml_bus_t's `i2c`. */
tml_bus_status_t tml_i2c_pins_transfer(const tml_i2c_pins_t *pins, uint8_t address,
                                       const uint8_t *write, uint32_t write_bytes, uint8_t *read,
                                       uint32_t read_bytes, uint32_t limit_us);

/* Clocks until whoever holds the data line lets it go, nine times at most, and stops. */
tml_bus_status_t tml_i2c_pins_free(const tml_i2c_pins_t *pins);

#endif
