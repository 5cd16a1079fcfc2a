/* Buses of Arm's MPS2 and MPS3 boards: I2C controllers that are two pins each, and a second UART.
 *
 * Source: Arm DAI 0386, two-wire serial interface (SBCon): bit 0 is SCL, bit 1 SDA; a 1 written to
 * SET lets the line go high, to CLEAR holds it low. Instances: of I2C 0 touch screen, 1 audio, 2
 * and 3 the shields' headers; of UARTs 1. */
#include "bus_mps.h"

#include "ports/common/bus_pins_i2c.h"

#include <stddef.h>

#define SCL 1u
#define SDA 2u
#define PART_UART 1u
#define HALF_US 5u /* 100 kHz */

typedef struct {
    volatile uint32_t set; /* read: the lines as they are */
    volatile uint32_t clear;
} sbcon_t;

static const uintptr_t CONTROLLERS[] = TML_MPS_I2C;
static const tml_bus_place_t PLACES[] = TML_BUSES;
static tml_i2c_pins_t pins[TML_BUS_COUNT];
static tml_bus_t buses[TML_BUS_COUNT];

static void put(void *context, uint32_t line, bool high) {
    sbcon_t *controller = context;
    if (high) {
        controller->set = line;
    } else {
        controller->clear = line;
    }
}

static void put_clock(void *context, bool high) {
    put(context, SCL, high);
}

static void put_data(void *context, bool high) {
    put(context, SDA, high);
}

static bool clock_is_high(void *context) {
    const sbcon_t *controller = context;
    return (controller->set & SCL) != 0;
}

static bool data_is_high(void *context) {
    const sbcon_t *controller = context;
    return (controller->set & SDA) != 0;
}

static tml_bus_status_t transfer(void *context, uint8_t address, const uint8_t *write,
                                 uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                                 uint32_t limit_us) {
    return tml_i2c_pins_transfer(context, address, write, write_bytes, read, read_bytes, limit_us);
}

static void begin_i2c(uint32_t index) {
    pins[index] = (tml_i2c_pins_t){
        .context = (void *)CONTROLLERS[PLACES[index].instance],
        .clock = put_clock,
        .data = put_data,
        .clock_is_high = clock_is_high,
        .data_is_high = data_is_high,
        .half_us = HALF_US,
    };
    buses[index] = (tml_bus_t){.context = &pins[index], .i2c = transfer};
    put_clock(pins[index].context, true);
    put_data(pins[index].context, true);
}

static void begin(uint32_t index) {
    const tml_bus_place_t *place = &PLACES[index];
    if (place->kind == TML_BUS_I2C &&
        place->instance < sizeof CONTROLLERS / sizeof CONTROLLERS[0]) {
        begin_i2c(index);
    }
#if TML_BUS_HAS_UART
    if (place->kind == TML_BUS_UART && place->instance == PART_UART) {
        buses[index] =
            (tml_bus_t){.uart_read = tml_mps_uart_read, .uart_write = tml_mps_uart_write};
        tml_mps_uart_begin(place);
    }
#endif
}

static bool has_begun(uint32_t index) {
    return buses[index].i2c != NULL || buses[index].uart_read != NULL;
}

const tml_bus_t *tml_port_bus(uint32_t index) {
    if (index >= TML_BUS_COUNT) {
        return NULL;
    }
    if (!has_begun(index)) {
        begin(index);
    }
    return has_begun(index) ? &buses[index] : NULL;
}
