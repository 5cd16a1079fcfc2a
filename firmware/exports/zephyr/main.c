/* Senses, infers, keeps records, and hands them over. On the computer:
 *   tinyml collect PORT --store records.sqlite */
#include "app.h"
#include "sampling.h"
#include "tml/service.h"

#include <string.h>
#include <zephyr/sys/printk.h>

/* Your sensor comes here; app.h says what is asked for. */
void tml_sensor_read(void *values) {
    memset(values, 0, TML_VALUES_BYTES);
}

int main(void) {
#ifdef CONFIG_TINYML_SELF_TEST
    printk("self test: %s\n", tml_app_self_test() ? "PASS" : "FAIL");
#endif
    if (!tml_app_begin()) {
        printk("no memory for records\n");
        return 1;
    }
    for (;;) {
        if (tml_app_step()) {
            /* A new record: tml_service_output() points at the model's output. */
        }
    }
}
