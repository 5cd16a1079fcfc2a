/* ESP-IDF 5: the console's UART, a data partition named tml_log as storage.
 * Source: ESP-IDF Programming Guide, UART, Partitions API, Miscellaneous System APIs. */
#include "tml/port.h"

#include "driver/uart.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

#include <string.h>

#define UART ((uart_port_t)CONFIG_ESP_CONSOLE_UART_NUM)
#define RECEIVE_BUFFER_BYTES 1024
#define LOG_PARTITION "tml_log"
#define ERASE_BYTES 4096u

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (!uart_is_driver_installed(UART)) {
        uart_driver_install(UART, RECEIVE_BUFFER_BYTES, 0, 0, NULL, 0);
    }
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    const int count = uart_read_bytes(UART, data, (uint32_t)capacity, 0);
    return count > 0 ? (size_t)count : 0;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    uart_write_bytes(UART, data, bytes);
}

uint64_t tml_port_monotonic_us(void) {
    return (uint64_t)esp_timer_get_time();
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

/* At least a tick, so that the idle task feeds its watchdog. */
void tml_port_idle(uint32_t max_ms) {
    const TickType_t ticks = pdMS_TO_TICKS(max_ms);
    vTaskDelay(ticks > 0 ? ticks : 1);
}

void tml_port_reset(void) {
    esp_restart();
}

uint32_t tml_port_random(void) {
    return esp_random();
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    memset(id, 0, TML_DEVICE_ID_BYTES); /* a MAC has 6 bytes */
    esp_efuse_mac_get_default(id);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    return esp_partition_read(context, offset, data, bytes) == ESP_OK ? 0 : -1;
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    return esp_partition_write(context, offset, data, bytes) == ESP_OK ? 0 : -1;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    return esp_partition_erase_range(context, offset, bytes) == ESP_OK ? 0 : -1;
}

const tml_block_device_t *tml_port_storage(void) {
    static tml_block_device_t storage = {
        .erase_bytes = ERASE_BYTES,
        .program_bytes = 4,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    const esp_partition_t *partition =
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, LOG_PARTITION);
    if (partition == NULL) {
        return NULL;
    }
    storage.context = (void *)(uintptr_t)partition;
    storage.size_bytes = (uint32_t)partition->size / ERASE_BYTES * ERASE_BYTES;
    return &storage;
}
