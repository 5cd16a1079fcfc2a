/* Interrupts happen where the application sleeps or asks for bytes: one thread is enough. */
#include "../serial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>

#define FLASH_BYTES (32u * 1024u)

const struct device stub_console = {"console"};

static uart_irq_callback_user_data_t on_interrupt;
static uint8_t flash[FLASH_BYTES];
static int fifo_read; /* in this interrupt: a FIFO does not fill while it is emptied */

static void interrupt(void) {
    if (on_interrupt != NULL && stub_serial_waiting(0)) {
        fifo_read = 0;
        on_interrupt(&stub_console, NULL);
    }
}

int uart_irq_callback_user_data_set(const struct device *device,
                                    uart_irq_callback_user_data_t callback, void *context) {
    (void)device, (void)context;
    on_interrupt = callback;
    return 0;
}

void uart_irq_rx_enable(const struct device *device) {
    (void)device;
}

int uart_irq_update(const struct device *device) {
    (void)device;
    return 1;
}

int uart_irq_rx_ready(const struct device *device) {
    (void)device;
    return !fifo_read && stub_serial_waiting(0);
}

int uart_fifo_read(const struct device *device, uint8_t *data, const int size) {
    (void)device;
    fifo_read = 1;
    return stub_serial_read(data, (size_t)size);
}

void uart_poll_out(const struct device *device, unsigned char byte) {
    (void)device;
    stub_serial_write(&byte, 1);
}

void k_sem_give(struct k_sem *semaphore) {
    semaphore->count = 1;
}

int k_sem_take(struct k_sem *semaphore, k_timeout_t timeout) {
    stub_serial_waiting((int)timeout.ms);
    interrupt();
    const int had = semaphore->count;
    semaphore->count = 0;
    return had ? 0 : -1;
}

int64_t k_uptime_ticks(void) {
    return (int64_t)stub_time_us();
}

uint64_t k_ticks_to_us_floor64(uint64_t ticks) {
    return ticks;
}

int64_t k_uptime_get(void) {
    return k_uptime_ticks() / 1000;
}

ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length) {
    memset(buffer, 0x5A, length);
    return (ssize_t)length;
}

uint32_t sys_rand32_get(void) {
    return (uint32_t)(stub_time_us() * 2654435761u);
}

void sys_reboot(int type) {
    exit(type);
}

void printk(const char *format, ...) {
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    const int used = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    stub_serial_write((const uint8_t *)line, (size_t)used);
}

uint32_t ring_buf_put(struct ring_buf *buffer, const uint8_t *data, uint32_t size) {
    uint32_t count = 0;
    while (count < size && buffer->head - buffer->tail < buffer->size) {
        buffer->data[buffer->head++ % buffer->size] = data[count++];
    }
    return count;
}

uint32_t ring_buf_get(struct ring_buf *buffer, uint8_t *data, uint32_t size) {
    uint32_t count = 0;
    interrupt();
    while (count < size && buffer->head != buffer->tail) {
        data[count++] = buffer->data[buffer->tail++ % buffer->size];
    }
    return count;
}

int flash_area_open(uint8_t id, const struct flash_area **area) {
    static const struct flash_area storage = {7, 0, FLASH_BYTES};
    *area = &storage;
    return id == storage.fa_id ? 0 : -1;
}

int flash_area_read(const struct flash_area *area, off_t offset, void *data, size_t bytes) {
    (void)area;
    memcpy(data, flash + offset, bytes);
    return 0;
}

int flash_area_write(const struct flash_area *area, off_t offset, const void *data, size_t bytes) {
    (void)area;
    for (size_t i = 0; i < bytes; i++) {
        flash[(size_t)offset + i] &= ((const uint8_t *)data)[i];
    }
    return 0;
}

int flash_area_flatten(const struct flash_area *area, off_t offset, size_t bytes) {
    (void)area;
    memset(flash + offset, 0xFF, bytes);
    return 0;
}

uint32_t flash_area_align(const struct flash_area *area) {
    (void)area;
    return 4;
}
