/* Arm's MPS2 and MPS3 boards: CMSDK UART, the FPGA's counter for time, SysTick to wake up, RAM that
 * survives a reset as storage.
 * Source: Arm DDI 0479 (CMSDK), APB UART; Arm DAI 0385 and its like, FPGA system control and I/O;
 * Armv7-M architecture reference manual (SysTick, NVIC). */
#include "tml/port.h"

#include TML_BOARD_HEADER

#include "../common/emulated_storage.h"
#include "../cortex_m/core.h"
#include "../cortex_m/systick.h"

#define UART_DATA REGISTER(TML_MPS_UART + 0x00u)
#define UART_STATE REGISTER(TML_MPS_UART + 0x04u)
#define UART_CTRL REGISTER(TML_MPS_UART + 0x08u)
#define UART_INTERRUPT REGISTER(TML_MPS_UART + 0x0Cu)
#define UART_DIVIDER REGISTER(TML_MPS_UART + 0x10u)
#define UART_TRANSMIT_FULL 1u
#define UART_RECEIVE_FULL 2u
#define UART_RECEIVE_INTERRUPT 2u
#define UART_ENABLE (1u | 2u | 8u) /* transmit, receive, receive interrupt */
#define UART_BAUD 115200u

/* Counts by itself: an emulator on a busy machine drops SysTick interrupts, and with them time. */
#define COUNTER REGISTER(TML_MPS_FPGAIO + 0x18u)
#define COUNTER_PRESCALE REGISTER(TML_MPS_FPGAIO + 0x1Cu)

static uint64_t microseconds;
static uint32_t random_state;

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    UART_DIVIDER = TML_CLOCK_HZ / UART_BAUD;
    UART_CTRL = UART_ENABLE;
    /* Whatever came in before; without this read an emulated UART may never receive. */
    (void)UART_DATA;
    UART_INTERRUPT = UART_RECEIVE_INTERRUPT;
    COUNTER_PRESCALE = TML_MPS_FPGAIO_HZ / 1000000u - 1u;
    COUNTER = 0;
    tml_systick_start(TML_CLOCK_HZ);
    random_state = tml_identity_boot(identity);
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && (UART_STATE & UART_RECEIVE_FULL)) {
        data[count++] = (uint8_t)UART_DATA;
    }
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (UART_STATE & UART_TRANSMIT_FULL) {
        }
        UART_DATA = data[i];
    }
}

/* The counter has 32 bits and goes round in 71 minutes. */
uint64_t tml_port_monotonic_us(void) {
    microseconds += (uint32_t)(COUNTER - (uint32_t)microseconds);
    return microseconds;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

/* The receive interrupt only wakes the core and is never taken: it is enabled while interrupts are
 * masked, and the byte stays in the UART for the main loop. */
void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = tml_port_monotonic_ms() + max_ms;
    while (tml_port_monotonic_ms() < end && !(UART_STATE & UART_RECEIVE_FULL)) {
        tml_core_mask();
        NVIC_ENABLE(TML_MPS_UART_RECEIVE_IRQ) = NVIC_BIT(TML_MPS_UART_RECEIVE_IRQ);
        if (!(UART_STATE & UART_RECEIVE_FULL)) {
            tml_core_wait();
        }
        NVIC_DISABLE(TML_MPS_UART_RECEIVE_IRQ) = NVIC_BIT(TML_MPS_UART_RECEIVE_IRQ);
        UART_INTERRUPT = UART_RECEIVE_INTERRUPT;
        NVIC_CLEAR(TML_MPS_UART_RECEIVE_IRQ) = NVIC_BIT(TML_MPS_UART_RECEIVE_IRQ);
        tml_core_unmask();
    }
}

_Noreturn void tml_port_reset(void) {
    tml_core_reset();
}

/* No source of entropy on these boards: seed, boots and time, mixed. */
uint32_t tml_port_random(void) {
    return tml_next_random(&random_state, (uint32_t)tml_port_monotonic_us());
}
