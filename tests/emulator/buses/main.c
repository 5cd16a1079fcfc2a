/* Does on a bus what the host asks, and answers how it went: see tests/emulator/test_buses.py. */
#include "bus_select.h"

#include "tml/bus.h"
#include "tml/port.h"

#include <string.h>

#define MOST_BYTES 128u

typedef struct {
    uint8_t kind; /* tml_bus_kind_t, or 0: only answer */
    uint8_t index;
    uint8_t address;
    uint8_t write_bytes;
    uint8_t read_bytes;
    uint8_t limit_ms;
} request_t;

static void receive(void *data, size_t bytes) {
    uint8_t *next = data;
    while (bytes > 0) {
        const size_t count = tml_port_uart_read(next, bytes);
        next += count;
        bytes -= count;
    }
}

static int32_t work(const request_t *request, const uint8_t *write, uint8_t *read) {
    const tml_bus_t *bus = tml_port_bus(request->index);
    const uint32_t limit_us = request->limit_ms * 1000u;
    int32_t microvolts = 0;
    int32_t status = TML_BUS_NONE;
    if (bus == NULL) {
        return status;
    }
    if (request->kind == TML_BUS_I2C && bus->i2c != NULL) {
        return bus->i2c(bus->context, request->address, write, request->write_bytes, read,
                        request->read_bytes, limit_us);
    }
    if (request->kind == TML_BUS_ONE_WIRE && bus->one_wire != NULL) {
        return bus->one_wire(bus->context, write, request->write_bytes, read, request->read_bytes);
    }
    if (request->kind == TML_BUS_UART && bus->uart_read != NULL) {
        if (request->write_bytes > 0) {
            return bus->uart_write(bus->context, write, request->write_bytes, limit_us);
        }
        return bus->uart_read(bus->context, read, request->read_bytes);
    }
    if (request->kind == TML_BUS_SOUND && bus->sound != NULL) {
        uint32_t lost = 0;
        const uint32_t capacity = (request->read_bytes - sizeof lost) / sizeof(int16_t);
        status = bus->sound(bus->context, (int16_t *)(void *)(read + sizeof lost), capacity, &lost);
        memcpy(read, &lost, sizeof lost);
        return status;
    }
    if (request->kind == TML_BUS_ADC && bus->adc != NULL) {
        status = bus->adc(bus->context, request->address, &microvolts);
        memcpy(read, &microvolts, sizeof microvolts);
    }
    return status;
}

int main(int argc, char **argv) {
    static uint8_t write[MOST_BYTES];
    static _Alignas(4) uint8_t read[MOST_BYTES];
    tml_port_init(argc, argv);
    for (;;) {
        request_t request;
        receive(&request, sizeof request);
        receive(write, request.write_bytes);
        memset(read, 0, sizeof read);
        const uint64_t begun_us = tml_port_monotonic_us();
        const int32_t status = request.kind == 0 ? 0 : work(&request, write, read);
        const uint32_t took_us = (uint32_t)(tml_port_monotonic_us() - begun_us);
        tml_port_uart_write((const uint8_t *)&status, sizeof status);
        tml_port_uart_write((const uint8_t *)&took_us, sizeof took_us);
        tml_port_uart_write(read, request.read_bytes);
    }
}
