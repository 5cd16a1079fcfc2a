#include "esp_system.h"

esp_err_t esp_efuse_mac_get_default(uint8_t *mac);
