/* What the port's buses share. Bases and instances are the chip's numbers of the peripherals. */
#ifndef TML_NRF5_BUS_H
#define TML_NRF5_BUS_H

#include "tml/bus.h"

#include "bus_select.h"

#include TML_BOARD_HEADER

#include "../common/bus_pins_i2c.h"
#include "../common/bus_pins_one_wire.h"
#include "pins.h"

#include <stdbool.h>

/* A bus that is no more than pins, or whose pins are also driven without its controller. */
typedef struct {
    const tml_bus_place_t *place;
    union {
        tml_i2c_pins_t i2c;
        tml_one_wire_pins_t one_wire;
    } pins;
} tml_nrf5_bus_t;

/* An open-drain pin: high where nobody holds it low. */
static inline void tml_nrf5_put(uint32_t pin, bool high) {
    if (high) {
        GPIO_SET(pin) = GPIO_BIT(pin);
    } else {
        GPIO_CLEAR(pin) = GPIO_BIT(pin);
    }
}

static inline bool tml_nrf5_is_high(uint32_t pin) {
    return (GPIO_INPUT(pin) & GPIO_BIT(pin)) != 0;
}

/* The steps of a transfer by the controller, which differ between nRF51 and nRF52. The pins are
 * the controller's then, and free. `end_us` is when the limit has passed. Leaves it disabled. */
tml_bus_status_t tml_nrf5_controller(const tml_bus_place_t *place, uint8_t address,
                                     const uint8_t *write, uint32_t write_bytes, uint8_t *read,
                                     uint32_t read_bytes, uint64_t end_us);

/* Whether it can do this transfer at all. */
bool tml_nrf5_controller_can(const tml_bus_place_t *place, const uint8_t *write,
                             uint32_t write_bytes, uint32_t read_bytes);

/* Members of a tml_bus_t; `context` is a tml_nrf5_bus_t. */
tml_bus_status_t tml_nrf5_i2c(void *context, uint8_t address, const uint8_t *write,
                              uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                              uint32_t limit_us);
tml_bus_status_t tml_nrf5_adc(void *context, uint8_t input, int32_t *microvolts);
int32_t tml_nrf5_uart_read(void *context, uint8_t *data, uint32_t capacity);
tml_bus_status_t tml_nrf5_uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                     uint32_t limit_us);
tml_bus_status_t tml_nrf5_one_wire(void *context, const uint8_t *write, uint32_t write_bytes,
                                   uint8_t *read, uint32_t read_bytes);
int32_t tml_nrf5_sound(void *context, int16_t *samples, uint32_t capacity, uint32_t *lost);

/* Sets a bus up. */
void tml_nrf5_i2c_begin(tml_nrf5_bus_t *bus);
void tml_nrf5_one_wire_begin(tml_nrf5_bus_t *bus);
void tml_nrf5_uart_begin(const tml_bus_place_t *place);
void tml_nrf5_sound_begin(const tml_bus_place_t *place);

/* Interrupts, which port.c has in its table where a project has such a bus. */
#define TML_NRF5_SOUND_IRQ 29u
#define TML_NRF5_UART_IRQ 40u
void tml_nrf5_uart_interrupt(void);
void tml_nrf5_sound_interrupt(void);

#endif
