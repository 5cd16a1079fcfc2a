/* Senses, infers, keeps records, and hands them over. On the computer:
 *   tinyml collect PORT --store records.sqlite */
#include "app.h"
#include "model_select.h"
#include "sampling.h"
#include "self_test_vector.h"
#include "tml/self_test.h"
#include "tml/service.h"

#include <string.h>
#include <zephyr/sys/printk.h>

/* Your sensor comes here; app.h says what is asked for. */
void tml_sensor_read(void *values) {
    memset(values, 0, TML_VALUES_BYTES);
}

#ifdef CONFIG_TINYML_SELF_TEST
static void self_test(void) {
    static _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
#if TML_MODEL_STATE_BYTES > 0
    static _Alignas(TML_ARENA_ALIGN) uint8_t state[TML_MODEL_STATE_BYTES];
#else
    static uint8_t *const state = NULL;
#endif
    const uint32_t wrong = tml_self_test(&TML_MODEL, &tml_self_test_vector, arena, state);
    printk("self test: %s\n", wrong == 0 ? "PASS" : "FAIL");
}
#endif

int main(void) {
#ifdef CONFIG_TINYML_SELF_TEST
    self_test();
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
