#include "app.h"

#include "model_select.h"
#include "sampling.h"
#include "self_test_vector.h"
#include "tml/port.h"
#include "tml/self_test.h"
#include "tml/service.h"

/* Small UART buffers fill in a few milliseconds. */
#define LONGEST_IDLE_MS 5u

static _Alignas(8) uint8_t values[TML_VALUES_BYTES];
static uint64_t due_us;

bool tml_app_self_test(void) {
    return tml_self_test(&TML_MODEL, &tml_self_test_vector, tml_service_arena(),
                         tml_service_state()) == 0;
}

bool tml_app_begin(void) {
    tml_port_init(0, NULL);
    due_us = tml_port_monotonic_us();
    return tml_service_begin();
}

bool tml_app_step(void) {
    const bool busy = tml_service_poll();
    const uint64_t now_us = tml_port_monotonic_us();
    if (now_us < due_us) {
        const uint64_t left_ms = (due_us - now_us) / 1000u;
        if (!busy && left_ms > 0) {
            tml_port_idle(left_ms < LONGEST_IDLE_MS ? (uint32_t)left_ms : LONGEST_IDLE_MS);
        }
        return false;
    }
    due_us += TML_SAMPLE_PERIOD_US;
    if (due_us <= now_us) { /* too late for the next ones: leave them out rather than hurry */
        due_us = now_us + TML_SAMPLE_PERIOD_US;
    }
    tml_sensor_read(values);
#if TML_CHANNELS > 0
    return tml_service_sample((const int16_t *)(const void *)values);
#else
    return tml_service_infer(values);
#endif
}
