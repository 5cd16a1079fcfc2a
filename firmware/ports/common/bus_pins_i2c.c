#include "bus_pins_i2c.h"

#include "tml/port.h"

#define CLOCKS_TO_FREE 9u
#define FREE_LIMIT_US 1000u /* for a clock line that is held */

typedef struct {
    const tml_i2c_pins_t *pins;
    uint32_t begun_us;
    uint32_t limit_us; /* for all of the transfer */
} transfer_t;

/* Times wrap: only their differences count. */
static uint32_t now_us(void) {
    return (uint32_t)tml_port_monotonic_us();
}

static void wait(const tml_i2c_pins_t *pins) {
    const uint32_t begun_us = now_us();
    while (now_us() - begun_us < pins->half_us) {
    }
}

/* Lets the clock go high and waits until it is: a part may hold it. */
static tml_bus_status_t raise_clock(const transfer_t *transfer) {
    const tml_i2c_pins_t *pins = transfer->pins;
    pins->clock(pins->context, true);
    while (!pins->clock_is_high(pins->context)) {
        if (now_us() - transfer->begun_us >= transfer->limit_us) {
            return TML_BUS_TIMEOUT;
        }
    }
    wait(pins);
    return TML_BUS_OK;
}

static void lower_clock(const tml_i2c_pins_t *pins) {
    pins->clock(pins->context, false);
    wait(pins);
}

/* A start, also a repeated one: data fall while the clock is high. */
static tml_bus_status_t start(const transfer_t *transfer) {
    const tml_i2c_pins_t *pins = transfer->pins;
    pins->data(pins->context, true);
    wait(pins);
    const tml_bus_status_t status = raise_clock(transfer);
    if (status != TML_BUS_OK) {
        return status;
    }
    if (!pins->data_is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    pins->data(pins->context, false);
    wait(pins);
    lower_clock(pins);
    return TML_BUS_OK;
}

static void stop(const transfer_t *transfer) {
    const tml_i2c_pins_t *pins = transfer->pins;
    pins->data(pins->context, false);
    wait(pins);
    (void)raise_clock(transfer); /* the bus is left alone either way */
    pins->data(pins->context, true);
    wait(pins);
}

static tml_bus_status_t put_bit(const transfer_t *transfer, bool bit) {
    transfer->pins->data(transfer->pins->context, bit);
    wait(transfer->pins);
    const tml_bus_status_t status = raise_clock(transfer);
    lower_clock(transfer->pins);
    return status;
}

static tml_bus_status_t get_bit(const transfer_t *transfer, bool *bit) {
    transfer->pins->data(transfer->pins->context, true);
    wait(transfer->pins);
    const tml_bus_status_t status = raise_clock(transfer);
    *bit = transfer->pins->data_is_high(transfer->pins->context);
    lower_clock(transfer->pins);
    return status;
}

static tml_bus_status_t put_byte(const transfer_t *transfer, uint8_t byte) {
    for (uint32_t bit = 8; bit-- > 0;) {
        const tml_bus_status_t status = put_bit(transfer, (byte >> bit & 1u) != 0);
        if (status != TML_BUS_OK) {
            return status;
        }
    }
    bool refused = true;
    const tml_bus_status_t status = get_bit(transfer, &refused);
    return status != TML_BUS_OK ? status : refused ? TML_BUS_NACK : TML_BUS_OK;
}

static tml_bus_status_t get_byte(const transfer_t *transfer, uint8_t *byte, bool last) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < 8; ++i) {
        bool bit = false;
        const tml_bus_status_t status = get_bit(transfer, &bit);
        if (status != TML_BUS_OK) {
            return status;
        }
        value = value << 1 | (bit ? 1u : 0u);
    }
    *byte = (uint8_t)value;
    return put_bit(transfer, last); /* the last byte is not acknowledged */
}

static tml_bus_status_t put(const transfer_t *transfer, uint8_t address, const uint8_t *data,
                            uint32_t bytes) {
    tml_bus_status_t status = start(transfer);
    if (status == TML_BUS_OK) {
        status = put_byte(transfer, (uint8_t)(address << 1));
    }
    for (uint32_t i = 0; i < bytes && status == TML_BUS_OK; ++i) {
        status = put_byte(transfer, data[i]);
    }
    return status;
}

static tml_bus_status_t get(const transfer_t *transfer, uint8_t address, uint8_t *data,
                            uint32_t bytes) {
    tml_bus_status_t status = start(transfer);
    if (status == TML_BUS_OK) {
        status = put_byte(transfer, (uint8_t)(address << 1 | 1u));
    }
    for (uint32_t i = 0; i < bytes && status == TML_BUS_OK; ++i) {
        status = get_byte(transfer, &data[i], i + 1u == bytes);
    }
    return status;
}

tml_bus_status_t tml_i2c_pins_free(const tml_i2c_pins_t *pins) {
    const transfer_t transfer = {pins, now_us(), FREE_LIMIT_US};
    pins->data(pins->context, true);
    for (uint32_t i = 0; i < CLOCKS_TO_FREE; ++i) {
        if (pins->data_is_high(pins->context)) {
            break;
        }
        lower_clock(pins);
        const tml_bus_status_t status = raise_clock(&transfer);
        if (status != TML_BUS_OK) {
            return TML_BUS_STUCK;
        }
    }
    if (!pins->data_is_high(pins->context)) {
        return TML_BUS_STUCK;
    }
    lower_clock(pins);
    stop(&transfer);
    return TML_BUS_OK;
}

tml_bus_status_t tml_i2c_pins_transfer(const tml_i2c_pins_t *pins, uint8_t address,
                                       const uint8_t *write, uint32_t write_bytes, uint8_t *read,
                                       uint32_t read_bytes, uint32_t limit_us) {
    const transfer_t transfer = {pins, now_us(), limit_us};
    if (!pins->data_is_high(pins->context) && tml_i2c_pins_free(pins) != TML_BUS_OK) {
        return TML_BUS_STUCK;
    }
    tml_bus_status_t status = TML_BUS_OK;
    if (write_bytes > 0 || read_bytes == 0) {
        status = put(&transfer, address, write, write_bytes);
    }
    if (status == TML_BUS_OK && read_bytes > 0) {
        status = get(&transfer, address, read, read_bytes);
    }
    stop(&transfer);
    return status;
}
