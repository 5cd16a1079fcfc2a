/* Source: ESP-IDF API reference, UART. */
#ifndef DRIVER_UART_H
#define DRIVER_UART_H

#include "esp_system.h"
#include "freertos/FreeRTOS.h"

#include <stdbool.h>
#include <stddef.h>

typedef int uart_port_t;

bool uart_is_driver_installed(uart_port_t port);
esp_err_t uart_driver_install(uart_port_t port, int rx_bytes, int tx_bytes, int queue_size,
                              void *queue, int flags);
int uart_read_bytes(uart_port_t port, void *data, uint32_t bytes, TickType_t ticks);
int uart_write_bytes(uart_port_t port, const void *data, size_t bytes);

#endif
