/* The second UART of the nRF52, for a sensor.
 *
 * Source: nRF52833 Product Specification v1.5 and nRF52840 v1.7, UARTE. It receives by DMA, one
 * byte at a time, so that each shows as soon as it has come; its own buffer of a few bytes bridges
 * the time until the interrupt asks for the next. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_UART && TML_NRF5_SERIES == 52

#include "../common/ring.h"
#include "tml/port.h"

#define UARTE1(offset) REGISTER(0x40028000u + (offset))
#define START_RECEIVE UARTE1(0x000u)
#define START_TRANSMIT UARTE1(0x008u)
#define STOP_TRANSMIT UARTE1(0x00Cu)
#define RECEIVED UARTE1(0x110u)
#define TRANSMITTED UARTE1(0x120u)
#define INTERRUPT_ON UARTE1(0x304u)
#define RECEIVED_INTERRUPT (1u << 4)
#define FAULTS UARTE1(0x480u)
#define ENABLE UARTE1(0x500u)
#define ENABLED 8u
#define TRANSMIT_PIN UARTE1(0x50Cu)
#define RECEIVE_PIN UARTE1(0x514u)
#define BAUD UARTE1(0x524u)
#define RECEIVE_PLACE UARTE1(0x534u)
#define RECEIVE_MOST UARTE1(0x538u)
#define TRANSMIT_PLACE UARTE1(0x544u)
#define TRANSMIT_MOST UARTE1(0x548u)
#define BAUD_STEP_BITS 32u /* the divider counts 2^32 in a 16 MHz clock */
#define BAUD_CLOCK_HZ 16000000u
#define BAUD_ROUNDED 0xFFFFF000u /* as the specification's own values are */
#define UNUSED_PIN 255u
#define NOT_CONNECTED 0xFFFFFFFFu

static tml_ring_t ring;
static volatile uint8_t received;
static volatile bool waits; /* for room in the ring */

static uint32_t baud(uint32_t hz) {
    const uint64_t value = ((uint64_t)hz << BAUD_STEP_BITS) / BAUD_CLOCK_HZ;
    return (uint32_t)(value + 0x800u) & BAUD_ROUNDED;
}

static void receive(void) {
    RECEIVE_PLACE = (uint32_t)(uintptr_t)&received;
    RECEIVE_MOST = 1;
    START_RECEIVE = 1;
}

void tml_nrf5_uart_interrupt(void) {
    RECEIVED = 0;
    tml_ring_put(&ring, received);
    waits = tml_ring_is_full(&ring);
    if (!waits) {
        receive();
    }
}

void tml_nrf5_uart_begin(const tml_bus_place_t *place) {
    if (place->clock != UNUSED_PIN) {
        GPIO_SET(place->clock) = GPIO_BIT(place->clock); /* an idle line is high */
        GPIO_OUTPUT(place->clock) = GPIO_BIT(place->clock);
    }
    GPIO_SETTINGS(place->data) = GPIO_PULLED_UP; /* a part that is not there sends nothing */
    TRANSMIT_PIN = place->clock == UNUSED_PIN ? NOT_CONNECTED : place->clock;
    RECEIVE_PIN = place->data;
    BAUD = baud(place->hz);
    ENABLE = ENABLED;
    INTERRUPT_ON = RECEIVED_INTERRUPT;
    NVIC_ENABLE(TML_NRF5_UART_IRQ) = NVIC_BIT(TML_NRF5_UART_IRQ);
    receive();
}

int32_t tml_nrf5_uart_read(void *context, uint8_t *data, uint32_t capacity) {
    (void)context;
    const uint32_t count = (uint32_t)tml_ring_take(&ring, data, capacity);
    if (waits && !tml_ring_is_full(&ring)) {
        waits = false;
        receive();
    }
    FAULTS = FAULTS; /* a byte with a wrong stop bit is for the driver's checksum to find */
    return (int32_t)count;
}

tml_bus_status_t tml_nrf5_uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                     uint32_t limit_us) {
    (void)context;
    const uint64_t end_us = tml_port_monotonic_us() + limit_us;
    for (uint32_t i = 0; i < bytes; ++i) {
        const volatile uint8_t byte = data[i]; /* in RAM, which DMA reaches */
        TRANSMITTED = 0;
        TRANSMIT_PLACE = (uint32_t)(uintptr_t)&byte;
        TRANSMIT_MOST = 1;
        START_TRANSMIT = 1;
        while (!TRANSMITTED) {
            if (tml_port_monotonic_us() >= end_us) {
                STOP_TRANSMIT = 1;
                return TML_BUS_TIMEOUT;
            }
        }
    }
    STOP_TRANSMIT = 1;
    return TML_BUS_OK;
}

#endif
