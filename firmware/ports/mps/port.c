/* Arm's MPS2 and MPS3 boards: CMSDK UART, SysTick, RAM that survives a reset as storage.
 * Source: Arm DDI 0479 (CMSDK), APB UART; Armv7-M architecture reference manual (SysTick, NVIC). */
#include "tml/port.h"

#include TML_BOARD_HEADER

#include <string.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

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

#define SYSTICK_CTRL REGISTER(0xE000E010u)
#define SYSTICK_LOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define SCB_ICSR REGISTER(0xE000ED04u)
#define SCB_ICSR_TICK_PENDING (1u << 26)
#define SCB_AIRCR REGISTER(0xE000ED0Cu)
#define SCB_AIRCR_RESET 0x05FA0004u
#define NVIC_ENABLE(irq) REGISTER(0xE000E100u + 4u * ((irq) / 32u))
#define NVIC_DISABLE(irq) REGISTER(0xE000E180u + 4u * ((irq) / 32u))
#define NVIC_CLEAR(irq) REGISTER(0xE000E280u + 4u * ((irq) / 32u))
#define IRQ_BIT(irq) (1u << ((irq) % 32u))

#define TICKS_A_MS (TML_MPS_CLOCK_HZ / 1000u)
#define TICKS_A_US (TML_MPS_CLOCK_HZ / 1000000u)

/* The last page of the storage is the port's own: an identity and a seed that the emulator may
 * write there, and a count of boots. */
#define PAGE_BYTES 4096u
#define LOG_BYTES (TML_MPS_STORAGE_BYTES - PAGE_BYTES)

typedef struct {
    uint8_t id[TML_DEVICE_ID_BYTES];
    uint32_t boots;
    uint32_t seed; /* differs from one emulated board to the next */
} identity_t;

static volatile identity_t *const identity = (volatile identity_t *)(TML_MPS_STORAGE + LOG_BYTES);
static volatile uint64_t milliseconds;
static uint32_t random_state;

void tml_tick(void);

void tml_tick(void) {
    milliseconds++;
}

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    UART_DIVIDER = TML_MPS_CLOCK_HZ / UART_BAUD;
    UART_CTRL = UART_ENABLE;
    /* Whatever came in before; without this read an emulated UART may never receive. */
    (void)UART_DATA;
    UART_INTERRUPT = UART_RECEIVE_INTERRUPT;
    SYSTICK_LOAD = TICKS_A_MS - 1u;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = 7; /* core clock, interrupt, on */
    identity->boots++;
    random_state = identity->seed ^ (identity->boots * 0x85EBCA6Bu);
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
    for (;;) {
        const uint64_t before = milliseconds;
        const uint32_t left = SYSTICK_VALUE;
        const int pending = (SCB_ICSR & SCB_ICSR_TICK_PENDING) != 0;
        if (before == milliseconds && !pending) {
            return before * 1000u + (TICKS_A_MS - 1u - left) / TICKS_A_US;
        }
    }
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

/* The receive interrupt only wakes the core and is never taken: it is enabled while interrupts are
 * masked, and the byte stays in the UART for the main loop. */
void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = milliseconds + max_ms;
    while (milliseconds < end && !(UART_STATE & UART_RECEIVE_FULL)) {
        __asm volatile("cpsid i" ::: "memory");
        NVIC_ENABLE(TML_MPS_UART_RECEIVE_IRQ) = IRQ_BIT(TML_MPS_UART_RECEIVE_IRQ);
        if (!(UART_STATE & UART_RECEIVE_FULL)) {
            __asm volatile("dsb\n wfi" ::: "memory");
        }
        NVIC_DISABLE(TML_MPS_UART_RECEIVE_IRQ) = IRQ_BIT(TML_MPS_UART_RECEIVE_IRQ);
        UART_INTERRUPT = UART_RECEIVE_INTERRUPT;
        NVIC_CLEAR(TML_MPS_UART_RECEIVE_IRQ) = IRQ_BIT(TML_MPS_UART_RECEIVE_IRQ);
        __asm volatile("dsb\n cpsie i\n isb" ::: "memory");
    }
}

_Noreturn void tml_port_reset(void) {
    SCB_AIRCR = SCB_AIRCR_RESET;
    for (;;) {
    }
}

/* No source of entropy on these boards: seed, boots and time, mixed (splitmix32). */
uint32_t tml_port_random(void) {
    random_state += 0x9E3779B9u + (uint32_t)tml_port_monotonic_us();
    uint32_t value = random_state ^ identity->id[0] ^ ((uint32_t)identity->id[1] << 8);
    value = (value ^ (value >> 16)) * 0x21F0AAADu;
    value = (value ^ (value >> 15)) * 0x735A2D97u;
    return value ^ (value >> 15);
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        id[i] = identity->id[i];
    }
}

static uint8_t *place(uint32_t offset) {
    return (uint8_t *)(TML_MPS_STORAGE + offset);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    memcpy(data, place(offset), bytes);
    return 0;
}

/* Like NOR flash, programming only clears bits: a mistake shows here, too. */
static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        place(offset)[i] &= ((const uint8_t *)data)[i];
    }
    return 0;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    memset(place(offset), 0xFF, bytes);
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = LOG_BYTES,
        .erase_bytes = PAGE_BYTES,
        .program_bytes = 4,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return &storage;
}
