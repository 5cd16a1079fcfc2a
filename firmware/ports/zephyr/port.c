/* Zephyr: the console's UART by interrupt, the partition labelled `storage` where there is one.
 * Source: Zephyr's API documentation, UART, Flash map, Hardware Information. */
#include "tml/port.h"

#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>

#ifdef CONFIG_FLASH_MAP
#include <zephyr/storage/flash_map.h>
#endif

#define RECEIVE_BUFFER_BYTES 1024
#define CHUNK_BYTES 16

RING_BUF_DECLARE(received, RECEIVE_BUFFER_BYTES);
K_SEM_DEFINE(arrived, 0, 1);

static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));

/* Bytes that do not fit are dropped; the host asks again. */
static void on_interrupt(const struct device *device, void *context) {
    uint8_t chunk[CHUNK_BYTES];
    (void)context;
    while (uart_irq_update(device) && uart_irq_rx_ready(device)) {
        const int count = uart_fifo_read(device, chunk, sizeof chunk);
        if (count <= 0) {
            break;
        }
        ring_buf_put(&received, chunk, (uint32_t)count);
        k_sem_give(&arrived);
    }
}

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    uart_irq_callback_user_data_set(uart, on_interrupt, NULL);
    uart_irq_rx_enable(uart);
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    return ring_buf_get(&received, data, (uint32_t)capacity);
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uart_poll_out(uart, data[i]);
    }
}

uint64_t tml_port_monotonic_us(void) {
    return k_ticks_to_us_floor64((uint64_t)k_uptime_ticks());
}

uint64_t tml_port_monotonic_ms(void) {
    return (uint64_t)k_uptime_get();
}

void tml_port_idle(uint32_t max_ms) {
    k_sem_take(&arrived, K_MSEC(max_ms));
}

void tml_port_reset(void) {
    sys_reboot(SYS_REBOOT_COLD);
    for (;;) {
    }
}

uint32_t tml_port_random(void) {
    return sys_rand32_get();
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    memset(id, 0, TML_DEVICE_ID_BYTES);
    (void)hwinfo_get_device_id(id, TML_DEVICE_ID_BYTES);
}

#if defined(CONFIG_FLASH_MAP) && FIXED_PARTITION_EXISTS(storage_partition)
#define ERASE_BYTES 4096u /* a multiple of what the flash erases at once */

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    return flash_area_read(context, (off_t)offset, data, bytes);
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    return flash_area_write(context, (off_t)offset, data, bytes);
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    return flash_area_flatten(context, (off_t)offset, bytes);
}

const tml_block_device_t *tml_port_storage(void) {
    static tml_block_device_t storage = {
        .erase_bytes = ERASE_BYTES,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    const struct flash_area *area;
    if (flash_area_open(FIXED_PARTITION_ID(storage_partition), &area) != 0) {
        return NULL;
    }
    storage.context = (void *)(uintptr_t)area;
    storage.size_bytes = (uint32_t)area->fa_size / ERASE_BYTES * ERASE_BYTES;
    storage.program_bytes = flash_area_align(area);
    return &storage;
}
#else
const tml_block_device_t *tml_port_storage(void) {
    return NULL;
}
#endif
