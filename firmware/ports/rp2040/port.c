/* RP2040: crystal and PLL, UART0, the microsecond timer, RAM that survives a reset as storage.
 * Source: RP2040 datasheet; sections are named where they matter. */
#include "tml/port.h"

#include "../common/identity.h"
#include "../common/ring.h"
#include "../cortex_m/core.h"

#include TML_BOARD_HEADER

#include "../common/retained.h"

/* 2.1.2: every register has aliases that set or clear single bits. */
#define SET(address) REGISTER((address) + 0x2000u)
#define CLEAR(address) REGISTER((address) + 0x3000u)

#define RESETS_RESET 0x4000C000u /* 2.14 */
#define RESETS_DONE REGISTER(0x4000C008u)
#define RESETS_IO (1u << 5)
#define RESETS_PADS (1u << 8)
#define RESETS_PLL_SYS (1u << 12)
#define RESETS_TIMER (1u << 21)
#define RESETS_UART0 (1u << 22)

#define XOSC_CONTROL REGISTER(0x40024000u) /* 2.16 */
#define XOSC_ENABLE ((0xFABu << 12) | 0xAA0u)
#define XOSC_STATUS REGISTER(0x40024004u)
#define XOSC_STABLE (1u << 31)
#define XOSC_STARTUP REGISTER(0x4002400Cu)
#define XOSC_1_MS 47u /* in 256 periods of 12 MHz */

#define PLL_CONTROL REGISTER(0x40028000u) /* 2.18: 12 MHz * 125 / 6 / 2 = 125 MHz */
#define PLL_LOCKED (1u << 31)
#define PLL_POWER 0x40028004u
#define PLL_POWER_MAIN ((1u << 5) | 1u) /* oscillator and PLL */
#define PLL_POWER_DIVIDER (1u << 3)
#define PLL_FEEDBACK REGISTER(0x40028008u)
#define PLL_DIVIDER REGISTER(0x4002800Cu)
#define PLL_6_AND_2 ((6u << 16) | (2u << 12))

#define CLOCK_REF REGISTER(0x40008030u) /* 2.15 */
#define CLOCK_REF_XOSC 2u
#define CLOCK_REF_SELECTED REGISTER(0x40008038u)
#define CLOCK_SYS REGISTER(0x4000803Cu)
#define CLOCK_SYS_AUX 1u /* the PLL, after reset */
#define CLOCK_SYS_SELECTED REGISTER(0x40008044u)
#define CLOCK_PERI REGISTER(0x40008048u)
#define CLOCK_PERI_ENABLE (1u << 11)

#define RESET_BY_WATCHDOG REGISTER(0x40010008u) /* 2.13 */
#define RESET_ALL_BUT_OSCILLATORS 0x0001FFFCu
#define WATCHDOG_CONTROL REGISTER(0x40058000u)
#define WATCHDOG_TRIGGER (1u << 31)
#define WATCHDOG_TICK REGISTER(0x4005802Cu) /* 4.7.2: 12 periods of the crystal a microsecond */
#define WATCHDOG_TICK_12 ((1u << 9) | 12u)

#define PIN_FUNCTION(pin) REGISTER(0x40014004u + 8u * (pin)) /* 2.19.6 */
#define PIN_UART 2u

#define UART_DATA REGISTER(0x40034000u) /* 4.2 */
#define UART_FLAGS REGISTER(0x40034018u)
#define UART_RECEIVE_EMPTY (1u << 4)
#define UART_TRANSMIT_FULL (1u << 5)
#define UART_DIVIDER REGISTER(0x40034024u)
#define UART_FRACTION REGISTER(0x40034028u)
#define UART_LINE REGISTER(0x4003402Cu)
#define UART_8N1_FIFO 0x70u
#define UART_CONTROL REGISTER(0x40034030u)
#define UART_CONTROL_ON 0x301u
#define UART_INTERRUPTS REGISTER(0x40034038u)
#define UART_RECEIVE_INTERRUPTS ((1u << 4) | (1u << 6)) /* FIFO filled, or left alone a while */
#define UART_DIVIDER_64 (TML_CLOCK_HZ * 4u / 115200u)   /* in 64ths */
#define UART_IRQ 20u

#define TIMER_ALARM REGISTER(0x40054010u) /* 4.6 */
#define TIMER_HIGH REGISTER(0x40054024u)
#define TIMER_LOW REGISTER(0x40054028u)
#define TIMER_ALARMED REGISTER(0x40054034u)
#define TIMER_INTERRUPTS REGISTER(0x40054038u)
#define TIMER_IRQ 0u
#define LONGEST_ALARM_MS 60000u

#define ROSC_RANDOM_BIT REGISTER(0x4006001Cu) /* 2.17.5 */

static tml_ring_t ring;

/* The chip has no number of its own. This one is made up at power-up, and kept over resets. */
static struct {
    uint32_t magic;
    uint8_t id[TML_DEVICE_ID_BYTES];
} number __attribute__((section(".noinit")));
#define NUMBER_MAGIC 0x4E4D5554u

/* A full ring leaves bytes in the UART's FIFO, until tml_port_uart_read makes room. */
static void receive(void) {
    while (!tml_ring_is_full(&ring) && !(UART_FLAGS & UART_RECEIVE_EMPTY)) {
        tml_ring_put(&ring, (uint8_t)UART_DATA);
    }
    if (tml_ring_is_full(&ring)) {
        UART_INTERRUPTS = 0;
    }
}

static void wake(void) {
    TIMER_ALARMED = 1;
}

TML_IRQ_VECTORS static const tml_vector_t interrupts[] = {
    [TIMER_IRQ] = wake,
    [UART_IRQ] = receive,
};

static void release(uint32_t blocks) {
    CLEAR(RESETS_RESET) = blocks;
    while ((RESETS_DONE & blocks) != blocks) {
    }
}

_Static_assert(TML_CLOCK_HZ == 12000000u * 125u / 6u / 2u, "what the PLL is set to");

static void start_clocks(void) {
    XOSC_STARTUP = XOSC_1_MS;
    XOSC_CONTROL = XOSC_ENABLE;
    while (!(XOSC_STATUS & XOSC_STABLE)) {
    }
    CLOCK_REF = CLOCK_REF_XOSC;
    while (!(CLOCK_REF_SELECTED & (1u << CLOCK_REF_XOSC))) {
    }
    SET(RESETS_RESET) = RESETS_PLL_SYS;
    release(RESETS_PLL_SYS);
    PLL_CONTROL = 1;
    PLL_FEEDBACK = 125;
    CLEAR(PLL_POWER) = PLL_POWER_MAIN;
    while (!(PLL_CONTROL & PLL_LOCKED)) {
    }
    PLL_DIVIDER = PLL_6_AND_2;
    CLEAR(PLL_POWER) = PLL_POWER_DIVIDER;
    CLOCK_SYS = CLOCK_SYS_AUX;
    while (!(CLOCK_SYS_SELECTED & (1u << CLOCK_SYS_AUX))) {
    }
    CLOCK_PERI = CLOCK_PERI_ENABLE;
    WATCHDOG_TICK = WATCHDOG_TICK_12;
}

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    start_clocks();
    release(RESETS_IO | RESETS_PADS | RESETS_TIMER | RESETS_UART0);
    PIN_FUNCTION(TML_RP2040_TRANSMIT_PIN) = PIN_UART;
    PIN_FUNCTION(TML_RP2040_RECEIVE_PIN) = PIN_UART;
    UART_DIVIDER = UART_DIVIDER_64 / 64u;
    UART_FRACTION = UART_DIVIDER_64 % 64u;
    UART_LINE = UART_8N1_FIFO; /* takes the divider over, too */
    UART_CONTROL = UART_CONTROL_ON;
    UART_INTERRUPTS = UART_RECEIVE_INTERRUPTS;
    NVIC_ENABLE(UART_IRQ) = NVIC_BIT(UART_IRQ) | NVIC_BIT(TIMER_IRQ);
    if (number.magic != NUMBER_MAGIC) {
        for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
            number.id[i] = (uint8_t)tml_port_random();
        }
        number.magic = NUMBER_MAGIC;
    }
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    const size_t count = tml_ring_take(&ring, data, capacity);
    UART_INTERRUPTS = UART_RECEIVE_INTERRUPTS;
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (UART_FLAGS & UART_TRANSMIT_FULL) {
        }
        UART_DATA = data[i];
    }
}

uint64_t tml_port_monotonic_us(void) {
    for (;;) {
        const uint32_t high = TIMER_HIGH;
        const uint32_t low = TIMER_LOW;
        if (TIMER_HIGH == high) {
            return ((uint64_t)high << 32) | low;
        }
    }
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    const uint32_t wanted_ms = max_ms < LONGEST_ALARM_MS ? max_ms : LONGEST_ALARM_MS;
    const uint64_t end_us = tml_port_monotonic_us() + wanted_ms * 1000u;
    TIMER_INTERRUPTS = 1;
    TIMER_ALARM = (uint32_t)end_us;
    while (tml_ring_is_empty(&ring) && tml_port_monotonic_us() < end_us) {
        tml_core_mask();
        if (tml_ring_is_empty(&ring) && tml_port_monotonic_us() < end_us) {
            tml_core_wait();
        }
        tml_core_unmask();
    }
    TIMER_INTERRUPTS = 0;
}

/* By the watchdog, which resets the blocks, too; clocks stay on until the next start. */
_Noreturn void tml_port_reset(void) {
    RESET_BY_WATCHDOG = RESET_ALL_BUT_OSCILLATORS;
    WATCHDOG_CONTROL = WATCHDOG_TRIGGER;
    for (;;) {
    }
}

/* The ring oscillator's random bit is biased: many are mixed, with the time. */
uint32_t tml_port_random(void) {
    static uint32_t state;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 64; i++) {
        bits = (bits << 1) ^ (bits >> 31) ^ (ROSC_RANDOM_BIT & 1u);
    }
    return tml_next_random(&state, bits ^ (uint32_t)tml_port_monotonic_us());
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    memcpy(id, number.id, TML_DEVICE_ID_BYTES);
}

const tml_block_device_t *tml_port_storage(void) {
    return tml_retained_storage();
}
