/* The I2C controller of the nRF52, which moves whole transfers by itself.
 *
 * Source: nRF52833 Product Specification v1.5 and nRF52840 v1.7, TWIM. EasyDMA reaches RAM alone:
 * what is written out of flash is copied first. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_I2C && TML_NRF5_SERIES == 52

#include "tml/port.h"

#include <string.h>

#define TWIM(place, offset) REGISTER(0x40003000u + 0x1000u * (place)->instance + (offset))
#define START_RECEIVE 0x000u
#define START_TRANSMIT 0x008u
#define STOP 0x014u
#define RESUME 0x020u
#define STOPPED 0x104u
#define FAILED 0x124u
#define SHORTCUTS 0x200u
#define WRITTEN_READS (1u << 7)
#define WRITTEN_STOPS (1u << 9)
#define READ_STOPS (1u << 12)
#define REASON 0x4C4u
#define REASON_REFUSED 6u /* the address, or a byte */
#define ENABLE 0x500u
#define ENABLED 6u
#define CLOCK_PIN 0x508u
#define DATA_PIN 0x50Cu
#define FREQUENCY 0x524u
#define FREQUENCY_100_KHZ 0x01980000u
#define FREQUENCY_400_KHZ 0x06400000u
#define FASTEST_HZ 400000u
#define READ_PLACE 0x534u
#define READ_MOST 0x538u
#define READ_AMOUNT 0x53Cu
#define WRITE_PLACE 0x544u
#define WRITE_MOST 0x548u
#define WRITE_AMOUNT 0x54Cu
#define ADDRESS 0x588u
#define RAM 0x20000000u
#define COPIED_BYTES 32u
#define MOST_BYTES 0xFFFFu
#define STOP_US 1000u

static bool is_in_flash(const uint8_t *data) {
    return (uintptr_t)data < RAM;
}

bool tml_nrf5_controller_can(const tml_bus_place_t *place, const uint8_t *write,
                             uint32_t write_bytes, uint32_t read_bytes) {
    (void)place;
    return write_bytes + read_bytes > 0 && read_bytes <= MOST_BYTES &&
           write_bytes <= (is_in_flash(write) ? COPIED_BYTES : MOST_BYTES);
}

static bool await_stop(const tml_bus_place_t *place, uint64_t end_us) {
    while (!TWIM(place, STOPPED)) {
        if (tml_port_monotonic_us() >= end_us) {
            return false;
        }
    }
    return true;
}

static tml_bus_status_t await(const tml_bus_place_t *place, uint64_t end_us) {
    while (!TWIM(place, STOPPED) && !TWIM(place, FAILED)) {
        if (tml_port_monotonic_us() >= end_us) {
            return TML_BUS_TIMEOUT;
        }
    }
    return !TWIM(place, FAILED)                   ? TML_BUS_OK
           : TWIM(place, REASON) & REASON_REFUSED ? TML_BUS_NACK
                                                  : TML_BUS_TIMEOUT;
}

static void begin(const tml_bus_place_t *place, uint8_t address) {
    TWIM(place, STOPPED) = 0;
    TWIM(place, FAILED) = 0;
    TWIM(place, REASON) = TWIM(place, REASON);
    TWIM(place, CLOCK_PIN) = place->clock;
    TWIM(place, DATA_PIN) = place->data;
    TWIM(place, FREQUENCY) = place->hz >= FASTEST_HZ ? FREQUENCY_400_KHZ : FREQUENCY_100_KHZ;
    TWIM(place, ADDRESS) = address;
    TWIM(place, ENABLE) = ENABLED;
}

tml_bus_status_t tml_nrf5_controller(const tml_bus_place_t *place, uint8_t address,
                                     const uint8_t *write, uint32_t write_bytes, uint8_t *read,
                                     uint32_t read_bytes, uint64_t end_us) {
    uint8_t copy[COPIED_BYTES];
    if (is_in_flash(write) && write_bytes > 0) {
        memcpy(copy, write, write_bytes);
        write = copy;
    }
    begin(place, address);
    TWIM(place, WRITE_PLACE) = (uint32_t)(uintptr_t)write;
    TWIM(place, WRITE_MOST) = write_bytes;
    TWIM(place, READ_PLACE) = (uint32_t)(uintptr_t)read;
    TWIM(place, READ_MOST) = read_bytes;
    TWIM(place, SHORTCUTS) = (write_bytes > 0 && read_bytes > 0 ? WRITTEN_READS : 0u) |
                             (read_bytes > 0 ? READ_STOPS : WRITTEN_STOPS);
    __asm volatile("dmb" ::: "memory"); /* the copy is in memory before it is fetched */
    TWIM(place, write_bytes > 0 ? START_TRANSMIT : START_RECEIVE) = 1;
    tml_bus_status_t status = await(place, end_us);
    if (status != TML_BUS_OK) {
        TWIM(place, SHORTCUTS) = 0;
        TWIM(place, RESUME) = 1; /* a suspended one hears no stop */
        TWIM(place, STOP) = 1;
        (void)await_stop(place, tml_port_monotonic_us() + STOP_US);
    } else if ((write_bytes > 0 && TWIM(place, WRITE_AMOUNT) != write_bytes) ||
               (read_bytes > 0 && TWIM(place, READ_AMOUNT) != read_bytes)) {
        status = TML_BUS_NACK;
    }
    TWIM(place, ENABLE) = 0; /* first, and only then may the buffers go */
    __asm volatile("dmb" ::: "memory");
    return status;
}

#endif
