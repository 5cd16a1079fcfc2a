/* The I2C controller of the nRF51, byte by byte.
 *
 * Source: nRF51 Series Reference Manual v3.0, TWI; nRF51822 Product Anomaly Notice v3.0: after
 * RXDREADY it must not be resumed at once, and it locks up where it is disabled while a part
 * stretches the clock, until its power is switched (anomaly 56). */
#include "bus_nrf5.h"

#if TML_BUS_HAS_I2C && TML_NRF5_SERIES == 51

#include "tml/port.h"

#define TWI(place) (0x40003000u + 0x1000u * (place)->instance)
#define START_RECEIVE 0x000u
#define START_TRANSMIT 0x008u
#define STOP 0x014u
#define RESUME 0x020u
#define STOPPED 0x104u
#define RECEIVED 0x108u
#define SENT 0x11Cu
#define FAILED 0x124u
#define SHORTCUTS 0x200u
#define BOUNDARY_SUSPENDS 1u
#define BOUNDARY_STOPS 2u
#define REASON 0x4C4u
#define REASON_REFUSED 6u /* the address, or a byte */
#define ENABLE 0x500u
#define ENABLED 5u
#define CLOCK_PIN 0x508u
#define DATA_PIN 0x50Cu
#define RECEIVE 0x518u
#define TRANSMIT 0x51Cu
#define FREQUENCY 0x524u
#define FREQUENCY_100_KHZ 0x01980000u
#define FREQUENCY_400_KHZ 0x06680000u
#define FASTEST_HZ 400000u
#define ADDRESS 0x588u
#define POWER 0xFFCu
#define RESUME_US 20u
#define STOP_US 1000u

typedef struct {
    uint32_t base;
    uint64_t end_us;
} transfer_t;

#define AT(transfer, offset) REGISTER((transfer)->base + (offset))

static tml_bus_status_t await(const transfer_t *transfer, uint32_t event) {
    while (!AT(transfer, event)) {
        if (AT(transfer, FAILED)) {
            return AT(transfer, REASON) & REASON_REFUSED ? TML_BUS_NACK : TML_BUS_TIMEOUT;
        }
        if (tml_port_monotonic_us() >= transfer->end_us) {
            return TML_BUS_TIMEOUT;
        }
    }
    AT(transfer, event) = 0;
    return TML_BUS_OK;
}

static void wait(uint32_t us) {
    const uint64_t begun_us = tml_port_monotonic_us();
    while (tml_port_monotonic_us() - begun_us < us) {
    }
}

static tml_bus_status_t put(const transfer_t *transfer, const uint8_t *data, uint32_t bytes) {
    tml_bus_status_t status = TML_BUS_OK;
    AT(transfer, START_TRANSMIT) = 1;
    for (uint32_t i = 0; i < bytes && status == TML_BUS_OK; ++i) {
        AT(transfer, TRANSMIT) = data[i];
        status = await(transfer, SENT);
    }
    return status;
}

/* The stop follows the last byte by itself. */
static tml_bus_status_t get(const transfer_t *transfer, uint8_t *data, uint32_t bytes) {
    AT(transfer, SHORTCUTS) = bytes == 1u ? BOUNDARY_STOPS : BOUNDARY_SUSPENDS;
    AT(transfer, START_RECEIVE) = 1;
    for (uint32_t i = 0;; ++i) {
        const tml_bus_status_t status = await(transfer, RECEIVED);
        if (status != TML_BUS_OK) {
            return status;
        }
        data[i] = (uint8_t)AT(transfer, RECEIVE);
        if (i + 1u == bytes) {
            return await(transfer, STOPPED);
        }
        wait(RESUME_US);
        if (i + 2u == bytes) {
            AT(transfer, SHORTCUTS) = BOUNDARY_STOPS;
        }
        AT(transfer, RESUME) = 1;
    }
}

/* Ends a transfer that was not read to its end. */
static tml_bus_status_t stop(const transfer_t *transfer, tml_bus_status_t status) {
    const transfer_t own = {transfer->base, tml_port_monotonic_us() + STOP_US};
    AT(&own, SHORTCUTS) = 0;
    AT(&own, FAILED) = 0;
    AT(&own, REASON) = AT(&own, REASON);
    AT(&own, RESUME) = 1; /* a suspended one hears no stop */
    AT(&own, STOP) = 1;
    const tml_bus_status_t stopped = await(&own, STOPPED);
    return status != TML_BUS_OK ? status : stopped;
}

static void begin(const transfer_t *transfer, const tml_bus_place_t *place, uint8_t address) {
    for (uint32_t event = STOPPED; event <= FAILED; event += 4u) {
        AT(transfer, event) = 0;
    }
    AT(transfer, SHORTCUTS) = 0;
    AT(transfer, REASON) = AT(transfer, REASON);
    AT(transfer, CLOCK_PIN) = place->clock;
    AT(transfer, DATA_PIN) = place->data;
    AT(transfer, FREQUENCY) = place->hz >= FASTEST_HZ ? FREQUENCY_400_KHZ : FREQUENCY_100_KHZ;
    AT(transfer, ADDRESS) = address;
    AT(transfer, ENABLE) = ENABLED;
}

bool tml_nrf5_controller_can(const tml_bus_place_t *place, const uint8_t *write,
                             uint32_t write_bytes, uint32_t read_bytes) {
    (void)place;
    (void)write;
    return write_bytes + read_bytes > 0;
}

tml_bus_status_t tml_nrf5_controller(const tml_bus_place_t *place, uint8_t address,
                                     const uint8_t *write, uint32_t write_bytes, uint8_t *read,
                                     uint32_t read_bytes, uint64_t end_us) {
    const transfer_t transfer = {TWI(place), end_us};
    begin(&transfer, place, address);
    tml_bus_status_t status = TML_BUS_OK;
    if (write_bytes > 0) {
        status = put(&transfer, write, write_bytes);
    }
    const bool reads = status == TML_BUS_OK && read_bytes > 0;
    if (reads) {
        status = get(&transfer, read, read_bytes);
    }
    if (!reads || status != TML_BUS_OK) {
        status = stop(&transfer, status);
    }
    AT(&transfer, ENABLE) = 0;
    if (status == TML_BUS_TIMEOUT) {
        AT(&transfer, POWER) = 0;
        AT(&transfer, POWER) = 1;
    }
    return status;
}

#endif
