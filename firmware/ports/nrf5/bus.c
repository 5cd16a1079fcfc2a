/* Buses of the nRF51 and nRF52. Pins: P0.n is n, P1.n is 32 + n. Instances: I2C 0 and 1 are TWI0
 * and TWI1 (TWIM0 and TWIM1), of which none may share pins with the other; UART 1 is UARTE1, since
 * UART0 is the link to the host; ADC, one-wire and sound have no choice. */
#include "bus_nrf5.h"

#include <stddef.h>

#define CONTROLLERS 2u
#define SENSOR_UART 1u

static const tml_bus_place_t PLACES[] = TML_BUSES;
static tml_nrf5_bus_t contexts[TML_BUS_COUNT];
static tml_bus_t buses[TML_BUS_COUNT];

static tml_bus_t begin(tml_nrf5_bus_t *context) {
    const tml_bus_place_t *place = context->place;
    tml_bus_t bus = {.context = context};
#if TML_BUS_HAS_I2C
    if (place->kind == TML_BUS_I2C && place->instance < CONTROLLERS) {
        tml_nrf5_i2c_begin(context);
        bus.i2c = tml_nrf5_i2c;
    }
#endif
#if TML_BUS_HAS_ADC
    if (place->kind == TML_BUS_ADC) {
        bus.adc = tml_nrf5_adc;
    }
#endif
#if TML_BUS_HAS_ONE_WIRE
    if (place->kind == TML_BUS_ONE_WIRE) {
        tml_nrf5_one_wire_begin(context);
        bus.one_wire = tml_nrf5_one_wire;
    }
#endif
#if TML_BUS_HAS_UART && TML_NRF5_SERIES == 52
    if (place->kind == TML_BUS_UART && place->instance == SENSOR_UART) {
        tml_nrf5_uart_begin(place);
        bus.uart_read = tml_nrf5_uart_read;
        bus.uart_write = tml_nrf5_uart_write;
    }
#endif
#if TML_BUS_HAS_SOUND && TML_NRF5_SERIES == 52
    if (place->kind == TML_BUS_SOUND) {
        tml_nrf5_sound_begin(place);
        bus.sound = tml_nrf5_sound;
    }
#endif
    return bus;
}

static bool can(const tml_bus_t *bus) {
    return bus->i2c != NULL || bus->adc != NULL || bus->one_wire != NULL ||
           bus->uart_read != NULL || bus->sound != NULL;
}

const tml_bus_t *tml_port_bus(uint32_t index) {
    if (index >= TML_BUS_COUNT) {
        return NULL;
    }
    if (contexts[index].place == NULL) {
        contexts[index].place = &PLACES[index];
        buses[index] = begin(&contexts[index]);
    }
    return can(&buses[index]) ? &buses[index] : NULL;
}
