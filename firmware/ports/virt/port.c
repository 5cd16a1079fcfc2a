/* QEMU's RISC-V machine "virt": NS16550 UART, CLINT timer, PLIC, RAM that survives a reset.
 * Source: hw/riscv/virt.c of QEMU (addresses); the 16550 datasheet; the RISC-V privileged
 * architecture; SiFive's FU540-C000 manual (CLINT, PLIC, test finisher). */
#include "tml/port.h"

#include "../common/emulated_storage.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define BYTE(address) (*(volatile uint8_t *)(address))

#define UART_DATA BYTE(0x10000000u)
#define UART_INTERRUPTS BYTE(0x10000001u)
#define UART_RECEIVE_INTERRUPT 1u
#define UART_FIFO BYTE(0x10000002u)
#define UART_FIFO_ON 1u
#define UART_LINE BYTE(0x10000003u)
#define UART_8N1 3u
#define UART_STATE BYTE(0x10000005u)
#define UART_RECEIVED 1u
#define UART_TRANSMIT_EMPTY 0x20u
#define UART_IRQ 10u

#define TIME_LOW REGISTER(0x0200BFF8u)
#define TIME_HIGH REGISTER(0x0200BFFCu)
#define ALARM_LOW REGISTER(0x02004000u)
#define ALARM_HIGH REGISTER(0x02004004u)
#define TICKS_A_US 10u

#define PLIC_PRIORITY(irq) REGISTER(0x0C000000u + 4u * (irq))
#define PLIC_ENABLE REGISTER(0x0C002000u)
#define PLIC_THRESHOLD REGISTER(0x0C200000u)
#define PLIC_CLAIM REGISTER(0x0C200004u)

#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

#define FINISHER REGISTER(0x00100000u)
#define FINISHER_RESET 0x7777u

static uint32_t random_state;

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    UART_LINE = UART_8N1;
    UART_FIFO = UART_FIFO_ON;
    (void)UART_DATA;
    UART_INTERRUPTS = UART_RECEIVE_INTERRUPT;
    /* Enabled in mie but not in mstatus: interrupts end a wait and are never taken. */
    PLIC_PRIORITY(UART_IRQ) = 1;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0;
    __asm volatile(".option arch, +zicsr\n csrs mie, %0" ::"r"(MIE_TIMER | MIE_EXTERNAL));
    random_state = tml_identity_boot(identity);
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && (UART_STATE & UART_RECEIVED)) {
        data[count++] = UART_DATA;
    }
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (!(UART_STATE & UART_TRANSMIT_EMPTY)) {
        }
        UART_DATA = data[i];
    }
}

static uint64_t ticks(void) {
    for (;;) {
        const uint32_t high = TIME_HIGH;
        const uint32_t low = TIME_LOW;
        if (TIME_HIGH == high) {
            return ((uint64_t)high << 32) | low;
        }
    }
}

/* The timer goes on over a reset; time counts from the first question. */
uint64_t tml_port_monotonic_us(void) {
    static uint64_t start;
    if (start == 0) {
        start = ticks();
    }
    return (ticks() - start) / TICKS_A_US;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = ticks() + (uint64_t)max_ms * 1000u * TICKS_A_US;
    ALARM_HIGH = UINT32_MAX; /* no early alarm between the two halves */
    ALARM_LOW = (uint32_t)end;
    ALARM_HIGH = (uint32_t)(end >> 32);
    while (!(UART_STATE & UART_RECEIVED) && ticks() < end) {
        __asm volatile("wfi" ::: "memory");
        PLIC_CLAIM = PLIC_CLAIM; /* taken and completed */
    }
    ALARM_HIGH = UINT32_MAX;
}

_Noreturn void tml_port_reset(void) {
    FINISHER = FINISHER_RESET;
    for (;;) {
    }
}

uint32_t tml_port_random(void) {
    return tml_next_random(&random_state, (uint32_t)ticks());
}
