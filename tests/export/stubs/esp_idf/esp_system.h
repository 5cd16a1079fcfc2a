#ifndef ESP_SYSTEM_H
#define ESP_SYSTEM_H

#include <stdint.h>

typedef int esp_err_t;
#define ESP_OK 0

void esp_restart(void) __attribute__((noreturn));

#endif
