/* Arm's MPS2 and MPS3 boards: CMSDK UART, SysTick, RAM that survives a reset as storage.
 * Source: Arm DDI 0479 (CMSDK), APB UART; Armv7-M architecture reference manual (SysTick, NVIC). */
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

static uint32_t random_state;

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    UART_DIVIDER = TML_MPS_CLOCK_HZ / UART_BAUD;
    UART_CTRL = UART_ENABLE;
    /* Whatever came in before; without this read an emulated UART may never receive. */
    (void)UART_DATA;
    UART_INTERRUPT = UART_RECEIVE_INTERRUPT;
    tml_systick_start(TML_MPS_CLOCK_HZ);
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

uint64_t tml_port_monotonic_us(void) {
    return tml_systick_us();
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_systick_ms();
}

/* The receive interrupt only wakes the core and is never taken: it is enabled while interrupts are
 * masked, and the byte stays in the UART for the main loop. */
void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = tml_systick_ms() + max_ms;
    while (tml_systick_ms() < end && !(UART_STATE & UART_RECEIVE_FULL)) {
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
