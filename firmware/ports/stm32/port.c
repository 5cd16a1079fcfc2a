/* STM32: USART by interrupt, SysTick, flash as storage. A board's header names its family's, which
 * holds the registers that differ. */
#include "tml/port.h"

#include "../common/identity.h"
#include "../common/ring.h"
#include "../cortex_m/core.h"
#include "../cortex_m/systick.h"

#include <stdbool.h>
#include <string.h>

#define UART_BAUD 115200u

#include TML_BOARD_HEADER

#include "../common/retained.h"

static tml_ring_t ring;
static uint32_t random_state;

/* Silicon starts on its internal oscillator, which is then ready. QEMU has no clock control: it
 * reads as 0 and the core runs at full speed. Neither has it flash that can be written, a unique
 * number or noise; the host writes an identity behind the RAM that the image uses. */
static bool is_emulated(void) {
    return !(RCC_CR & RCC_CR_STARTED);
}

static volatile tml_identity_t *const identity = (volatile tml_identity_t *)TML_IDENTITY;

/* A full ring leaves the next byte in the UART, until tml_port_uart_read makes room. The interrupt
 * is held off in the NVIC: in QEMU the UART's own enable bit does not lower a raised line, and the
 * core would come here for ever. */
static void receive(void) {
    while (!tml_ring_is_full(&ring) && (UART_STATUS & UART_RECEIVED)) {
        tml_ring_put(&ring, (uint8_t)UART_RECEIVE_DATA);
    }
    if (tml_ring_is_full(&ring)) {
        NVIC_DISABLE(TML_STM32_UART_IRQ) = NVIC_BIT(TML_STM32_UART_IRQ);
    }
}

TML_IRQ_VECTORS static const tml_vector_t interrupts[] = {[TML_STM32_UART_IRQ] = receive};

/* RAM holds noise after power-up; the unique number and the time are all that is left after a
 * reset, so the count of boots, which survives it, is mixed in. */
static void seed_random(void) {
    random_state = tml_identity_boot(identity);
    if (!is_emulated()) {
        uint32_t unique[3];
        memcpy(unique, (const void *)UNIQUE_ID, sizeof unique);
        random_state ^= tml_mixed(unique[0] ^ tml_mixed(unique[1] ^ tml_mixed(unique[2])));
    }
}

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (!is_emulated()) {
        start_clock();
    }
    tml_systick_start(TML_CLOCK_HZ);
    seed_random();
    connect_uart();
    UART_CONTROL = UART_CONTROL_ON;
    /* Whatever came in before; without this read an emulated UART may never receive. */
    (void)UART_RECEIVE_DATA;
    UART_CONTROL = UART_CONTROL_ON | UART_RECEIVE_INTERRUPT;
    NVIC_ENABLE(TML_STM32_UART_IRQ) = NVIC_BIT(TML_STM32_UART_IRQ);
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    const size_t count = tml_ring_take(&ring, data, capacity);
    NVIC_ENABLE(TML_STM32_UART_IRQ) = NVIC_BIT(TML_STM32_UART_IRQ);
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (!(UART_STATUS & UART_TRANSMIT_EMPTY)) {
        }
        UART_TRANSMIT_DATA = data[i];
    }
}

uint64_t tml_port_monotonic_us(void) {
    return tml_systick_us();
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_systick_ms();
}

void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = tml_systick_ms() + max_ms;
    while (tml_ring_is_empty(&ring) && tml_systick_ms() < end) {
        tml_core_mask();
        if (tml_ring_is_empty(&ring)) {
            tml_core_wait();
        }
        tml_core_unmask();
    }
}

_Noreturn void tml_port_reset(void) {
    tml_core_reset();
}

uint32_t tml_port_random(void) {
    return tml_next_random(&random_state, (uint32_t)tml_port_monotonic_us());
}

/* The unique number has 96 bits: wafer coordinates, wafer and lot. */
void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    if (is_emulated()) {
        for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
            id[i] = identity->id[i];
        }
        return;
    }
    uint32_t unique[3];
    memcpy(unique, (const void *)UNIQUE_ID, sizeof unique);
    unique[1] ^= tml_mixed(unique[2]);
    memcpy(id, unique, TML_DEVICE_ID_BYTES);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    memcpy(data, (const void *)(TML_STORAGE + offset), bytes);
    return 0;
}

static void await_flash(void) {
    while (FLASH_STATUS & FLASH_BUSY) {
    }
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    unlock_flash();
    begin_program();
    for (uint32_t i = 0; i < bytes; i += FLASH_UNIT_BYTES) {
        flash_unit_t unit;
        memcpy(&unit, (const uint8_t *)data + i, sizeof unit);
        *(volatile flash_unit_t *)(TML_STORAGE + offset + i) = unit;
        await_flash();
    }
    FLASH_CONTROL = FLASH_LOCK;
    return memcmp((const void *)(TML_STORAGE + offset), data, bytes) == 0 ? 0 : -1;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    unlock_flash();
    for (uint32_t i = 0; i < bytes; i += TML_STM32_ERASE_BYTES) {
        erase_block(offset + i);
        await_flash();
    }
    FLASH_CONTROL = FLASH_LOCK;
    forget_cached();
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t flash = {
        .context = NULL,
        .size_bytes = TML_STORAGE_BYTES,
        .erase_bytes = TML_STM32_ERASE_BYTES,
        .program_bytes = FLASH_PROGRAM_BYTES,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return is_emulated() ? tml_retained_storage() : &flash;
}
