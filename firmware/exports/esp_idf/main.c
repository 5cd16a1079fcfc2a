/* Senses, infers, keeps records, and hands them over. On the computer:
 *   tinyml collect PORT --store records.sqlite */
#include "app.h"
#include "sampling.h"
#include "tml/service.h"

#include "esp_log.h"
#include "sdkconfig.h"

#include <string.h>

static const char *const TAG = "tinyml";

/* Your sensor comes here; app.h says what is asked for. */
void tml_sensor_read(void *values) {
    memset(values, 0, TML_VALUES_BYTES);
}

void app_main(void) {
#ifdef CONFIG_TINYML_SELF_TEST
    ESP_LOGI(TAG, "self test: %s", tml_app_self_test() ? "PASS" : "FAIL");
#endif
    if (!tml_app_begin()) {
        ESP_LOGE(TAG, "no memory for records");
        return;
    }
    for (;;) {
        if (tml_app_step()) {
            /* A new record: tml_service_output() points at the model's output. */
        }
    }
}
