/* Nordic nRF51 and nRF52: UART, TIMER0, NVMC, RNG, FICR, alike on both.
 * Source: nRF51 Series Reference Manual v3.0; nRF52833 and nRF52840 Product Specifications. */
#include "tml/port.h"

#include TML_BOARD_HEADER

#include "../common/identity.h"
#include "../common/ring.h"
#include "../cortex_m/core.h"
#include "pins.h"
#include "timer.h"
#ifdef TML_SENSES
#include "bus_nrf5.h"
#endif

#include <string.h>

#define CLOCK_START REGISTER(0x40000000u)
#define CLOCK_STARTED REGISTER(0x40000100u)

#define UART_START_RECEIVE REGISTER(0x40002000u)
#define UART_START_TRANSMIT REGISTER(0x40002008u)
#define UART_RECEIVED REGISTER(0x40002108u)
#define UART_TRANSMITTED REGISTER(0x4000211Cu)
#define UART_INTERRUPT_ON REGISTER(0x40002304u)
#define UART_INTERRUPT_OFF REGISTER(0x40002308u)
#define UART_RECEIVED_INTERRUPT (1u << 2)
#define UART_ENABLE REGISTER(0x40002500u)
#define UART_ENABLED 4u
#define UART_TRANSMIT_PIN REGISTER(0x4000250Cu)
#define UART_RECEIVE_PIN REGISTER(0x40002514u)
#define UART_RECEIVE_DATA REGISTER(0x40002518u)
#define UART_TRANSMIT_DATA REGISTER(0x4000251Cu)
#define UART_BAUD REGISTER(0x40002524u)
#define UART_BAUD_115200 0x01D7E000u
#define UART_IRQ 2u

#define TIMER_START REGISTER(0x40008000u)
#define TIMER_ALARMED REGISTER(0x40008144u)
#define TIMER_INTERRUPT_ON REGISTER(0x40008304u)
#define TIMER_INTERRUPT_OFF REGISTER(0x40008308u)
#define TIMER_ALARM_INTERRUPT (1u << 17)
#define TIMER_BITS REGISTER(0x40008508u)
#define TIMER_BITS_32 3u
#define TIMER_PRESCALER REGISTER(0x40008510u)
#define TIMER_PRESCALER_1_MHZ 4u /* 16 MHz / 2^4 */
#define TIMER_ALARM REGISTER(0x40008544u)
#define TIMER_IRQ 8u
#define LONGEST_ALARM_US 60000000u

#define RNG_START REGISTER(0x4000D000u)
#define RNG_STOP REGISTER(0x4000D004u)
#define RNG_READY REGISTER(0x4000D100u)
#define RNG_VALUE REGISTER(0x4000D508u)

#define NVMC_READY REGISTER(0x4001E400u)
#define NVMC_MODE REGISTER(0x4001E504u)
#define NVMC_READ 0u
#define NVMC_WRITE 1u
#define NVMC_ERASE 2u
#define NVMC_ERASE_PAGE REGISTER(0x4001E508u)

#define FICR_DEVICE_ID 0x10000060u

static tml_ring_t ring;
static uint32_t wraps;   /* of the timer */
static uint32_t last_us; /* what it showed when it was asked last */

/* A full ring leaves bytes in the UART's own buffer, until tml_port_uart_read makes room. */
static void receive(void) {
    while (UART_RECEIVED && !tml_ring_is_full(&ring)) {
        UART_RECEIVED = 0; /* before the byte is read: reading it lets the next one come */
        tml_ring_put(&ring, (uint8_t)UART_RECEIVE_DATA);
    }
    if (tml_ring_is_full(&ring)) {
        UART_INTERRUPT_OFF = UART_RECEIVED_INTERRUPT;
    }
}

static void wake(void) {
    TIMER_ALARMED = 0;
}

TML_IRQ_VECTORS static const tml_vector_t interrupts[] = {
    [UART_IRQ] = receive,
    [TIMER_IRQ] = wake,
#if defined(TML_SENSES) && TML_NRF5_SERIES == 52
#if TML_BUS_HAS_SOUND
    [TML_NRF5_SOUND_IRQ] = tml_nrf5_sound_interrupt,
#endif
#if TML_BUS_HAS_UART
    [TML_NRF5_UART_IRQ] = tml_nrf5_uart_interrupt,
#endif
#endif
};

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    CLOCK_START = 1; /* the crystal: the internal oscillator is too inexact for a UART */
    while (!CLOCK_STARTED) {
    }
    TIMER_BITS = TIMER_BITS_32;
    TIMER_PRESCALER = TIMER_PRESCALER_1_MHZ;
    TIMER_START = 1;
    GPIO_SET(TML_NRF5_TRANSMIT_PIN) = GPIO_BIT(TML_NRF5_TRANSMIT_PIN); /* an idle line is high */
    GPIO_OUTPUT(TML_NRF5_TRANSMIT_PIN) = GPIO_BIT(TML_NRF5_TRANSMIT_PIN);
    UART_TRANSMIT_PIN = TML_NRF5_TRANSMIT_PIN;
    UART_RECEIVE_PIN = TML_NRF5_RECEIVE_PIN;
    UART_BAUD = UART_BAUD_115200;
    UART_ENABLE = UART_ENABLED;
    UART_START_TRANSMIT = 1;
    UART_START_RECEIVE = 1;
    UART_INTERRUPT_ON = UART_RECEIVED_INTERRUPT;
    NVIC_ENABLE(UART_IRQ) = NVIC_BIT(UART_IRQ) | NVIC_BIT(TIMER_IRQ);
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    const size_t count = tml_ring_take(&ring, data, capacity);
    UART_INTERRUPT_ON = UART_RECEIVED_INTERRUPT;
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        UART_TRANSMITTED = 0;
        UART_TRANSMIT_DATA = data[i];
        while (!UART_TRANSMITTED) {
        }
    }
}

static uint32_t timer_us(void) {
    TIMER_CAPTURE = 1;
    return TIMER_NOW;
}

uint64_t tml_port_monotonic_us(void) {
    const uint32_t now_us = timer_us();
    wraps += now_us < last_us;
    last_us = now_us;
    return ((uint64_t)wraps << 32) | now_us;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    const uint32_t wanted_us =
        max_ms < LONGEST_ALARM_US / 1000u ? max_ms * 1000u : LONGEST_ALARM_US;
    const uint64_t end_us = tml_port_monotonic_us() + wanted_us;
    TIMER_ALARM = (uint32_t)end_us;
    TIMER_INTERRUPT_ON = TIMER_ALARM_INTERRUPT;
    while (tml_ring_is_empty(&ring) && tml_port_monotonic_us() < end_us) {
        tml_core_mask();
        if (tml_ring_is_empty(&ring) && tml_port_monotonic_us() < end_us) {
            tml_core_wait();
        }
        tml_core_unmask();
    }
    TIMER_INTERRUPT_OFF = TIMER_ALARM_INTERRUPT;
}

_Noreturn void tml_port_reset(void) {
    tml_core_reset();
}

uint32_t tml_port_random(void) {
    uint32_t value = 0;
    RNG_START = 1;
    for (size_t i = 0; i < sizeof value; i++) {
        while (!RNG_READY) {
        }
        RNG_READY = 0;
        value = (value << 8) | (RNG_VALUE & 0xFFu);
    }
    RNG_STOP = 1;
    return value;
}

/* In QEMU every board has the same number; the host then writes another behind the RAM that the
 * image uses. */
static bool is_numbered_by_qemu(void) {
    return REGISTER(FICR_DEVICE_ID) == 0x00000003u && REGISTER(FICR_DEVICE_ID + 4u) == 0x12345678u;
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    const volatile tml_identity_t *identity = (const volatile tml_identity_t *)TML_IDENTITY;
    if (is_numbered_by_qemu()) {
        for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
            id[i] = identity->id[i];
        }
        return;
    }
    memcpy(id, (const void *)FICR_DEVICE_ID, TML_DEVICE_ID_BYTES);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    memcpy(data, (const void *)(TML_STORAGE + offset), bytes);
    return 0;
}

static void set_mode(uint32_t mode) {
    NVMC_MODE = mode;
    while (!NVMC_READY) {
    }
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    set_mode(NVMC_WRITE);
    for (uint32_t i = 0; i < bytes; i += 4) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)data + i, sizeof word);
        REGISTER(TML_STORAGE + offset + i) = word;
        while (!NVMC_READY) {
        }
    }
    set_mode(NVMC_READ);
    return memcmp((const void *)(TML_STORAGE + offset), data, bytes) == 0 ? 0 : -1;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    set_mode(NVMC_ERASE);
    for (uint32_t i = 0; i < bytes; i += TML_NRF5_PAGE_BYTES) {
        NVMC_ERASE_PAGE = TML_STORAGE + offset + i;
        while (!NVMC_READY) {
        }
    }
    set_mode(NVMC_READ);
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = TML_STORAGE_BYTES,
        .erase_bytes = TML_NRF5_PAGE_BYTES,
        .program_bytes = 4,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return &storage;
}
