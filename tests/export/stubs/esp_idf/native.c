#include "../serial.h"
#include "driver/uart.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PARTITION_BYTES (64u * 1024u)

static uint8_t flash[PARTITION_BYTES];

void app_main(void);

bool uart_is_driver_installed(uart_port_t port) {
    (void)port;
    return false;
}

esp_err_t uart_driver_install(uart_port_t port, int rx_bytes, int tx_bytes, int queue_size,
                              void *queue, int flags) {
    (void)port, (void)rx_bytes, (void)tx_bytes, (void)queue_size, (void)queue, (void)flags;
    return ESP_OK;
}

int uart_read_bytes(uart_port_t port, void *data, uint32_t bytes, TickType_t ticks) {
    (void)port, (void)ticks;
    return stub_serial_read(data, bytes);
}

int uart_write_bytes(uart_port_t port, const void *data, size_t bytes) {
    (void)port;
    stub_serial_write(data, bytes);
    return (int)bytes;
}

void vTaskDelay(TickType_t ticks) {
    stub_serial_waiting((int)ticks * 10);
}

void esp_restart(void) {
    exit(3);
}

esp_err_t esp_efuse_mac_get_default(uint8_t *mac) {
    memcpy(mac, "\x24\x6f\x28\x01\x02\x03", 6);
    return ESP_OK;
}

uint32_t esp_random(void) {
    return (uint32_t)(stub_time_us() * 2654435761u);
}

int64_t esp_timer_get_time(void) {
    return (int64_t)stub_time_us();
}

void stub_log(const char *level, const char *tag, const char *format, ...) {
    char line[200];
    int used = snprintf(line, sizeof line, "%s (%d) %s: ", level, 0, tag);
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
    va_end(arguments);
    stub_serial_write((const uint8_t *)line, (size_t)used);
    stub_serial_write((const uint8_t *)"\n", 1);
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype,
                                                const char *label) {
    static const esp_partition_t partition = {0x110000, PARTITION_BYTES};
    (void)subtype;
    return type == ESP_PARTITION_TYPE_DATA && strcmp(label, "tml_log") == 0 ? &partition : NULL;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t offset, void *data,
                             size_t bytes) {
    (void)partition;
    memcpy(data, flash + offset, bytes);
    return ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t offset, const void *data,
                              size_t bytes) {
    (void)partition;
    for (size_t i = 0; i < bytes; i++) {
        flash[offset + i] &= ((const uint8_t *)data)[i];
    }
    return ESP_OK;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t bytes) {
    if (offset % 4096 != 0 || bytes % 4096 != 0 || offset + bytes > partition->size) {
        return 1;
    }
    memset(flash + offset, 0xFF, bytes);
    return ESP_OK;
}

int main(void) {
    app_main();
    return 4;
}
