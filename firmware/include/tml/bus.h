/* What a driver reaches its sensor through.
 *
 * A struct of callbacks, as a block device is, because tests swap it: the same driver runs against
 * a port's registers, and on a host against a model of the part with a fault at every transfer.
 * Every call ends within its time limit whatever the lines do. Nothing is called from an
 * interrupt. */
#ifndef TML_BUS_H
#define TML_BUS_H

#include <stdint.h>

typedef enum {
    TML_BUS_OK = 0,
    TML_BUS_NACK = -1,    /* nobody answers at this address, or the part refused a byte */
    TML_BUS_TIMEOUT = -2, /* not done within the limit: a clock held too long, no byte */
    TML_BUS_STUCK = -3,   /* a line is held, and freeing it failed */
    TML_BUS_NONE = -4,    /* this bus cannot do that, or the board has no such bus */
} tml_bus_status_t;

typedef enum {
    TML_BUS_I2C = 1,
    TML_BUS_UART = 2,
    TML_BUS_ADC = 3,
    TML_BUS_ONE_WIRE = 4,
    TML_BUS_SOUND = 5, /* a PDM or I2S microphone */
} tml_bus_kind_t;

/* Where a bus is on a board; the build makes these from the board's description and the project's
 * pins (bus_select.h: TML_BUSES). Pins are numbered as the port does: see its bus.c. */
typedef struct {
    uint8_t kind;     /* tml_bus_kind_t */
    uint8_t instance; /* which of the chip's; the port's numbers */
    uint8_t function; /* the pins' alternate function, where they have one */
    uint8_t clock;    /* pin: I2C's SCL, a UART's transmit, a microphone's clock */
    uint8_t data;     /* pin: I2C's SDA, a UART's receive, one-wire, a microphone's data */
    uint32_t hz;      /* bits a second; samples a second of a microphone */
} tml_bus_place_t;

typedef struct tml_bus {
    void *context; /* handed to every callback; callbacks of other kinds are NULL */
    /* I2C: writes, then reads behind a repeated start; either count may be 0. With both 0 it only
     * asks whether the address answers. A port frees a stuck bus (nine clocks and a stop) before
     * it says TML_BUS_STUCK. */
    tml_bus_status_t (*i2c)(void *context, uint8_t address, const uint8_t *write,
                            uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                            uint32_t limit_us);
    /* UART: the bytes that have arrived, up to `capacity`; returns how many, or a status. Never
     * waits. A ring of the port's holds at least 64 bytes. */
    int32_t (*uart_read)(void *context, uint8_t *data, uint32_t capacity);
    tml_bus_status_t (*uart_write)(void *context, const uint8_t *data, uint32_t bytes,
                                   uint32_t limit_us);
    /* ADC: one conversion of an input, as microvolts at the pin: the port knows its reference. */
    tml_bus_status_t (*adc)(void *context, uint8_t input, int32_t *microvolts);
    /* One-wire: reset pulse, then writes, then reads. TML_BUS_NACK where nobody answers the reset
     * with its presence. */
    tml_bus_status_t (*one_wire)(void *context, const uint8_t *write, uint32_t write_bytes,
                                 uint8_t *read, uint32_t read_bytes);
    /* Microphone: the samples that have arrived, up to `capacity`; returns how many, or a status.
     * Never waits; `*lost` counts those that had no room since the last call. */
    int32_t (*sound)(void *context, int16_t *samples, uint32_t capacity, uint32_t *lost);
} tml_bus_t;

/* The bus `index` of TML_BUSES, set up at the first call; NULL where the port cannot. Defined by
 * ports in bus.c, which is linked in where an application has sensors. */
const tml_bus_t *tml_port_bus(uint32_t index);

#endif
