#include "app.h"

#include "model_select.h"
#include "sampling.h"
#include "self_test_vector.h"
#include "tml/port.h"
#include "tml/self_test.h"
#include "tml/service.h"

#define LONGEST_IDLE_MS 5u /* small UART buffers fill in a few milliseconds */

static _Alignas(8) uint8_t values[TML_VALUES_BYTES];

bool tml_app_self_test(void) {
    return tml_self_test(&TML_MODEL, &tml_self_test_vector, tml_service_arena(),
                         tml_service_state()) == 0;
}

bool tml_app_begin(void) {
    tml_port_init(0, NULL);
    if (!tml_service_begin()) {
        return false;
    }
    tml_service_sample_every(TML_SAMPLE_PERIOD_US, TML_SENSOR_BUFFERED);
    return true;
}

bool tml_app_step(void) {
    const bool busy = tml_service_poll();
    if (!tml_service_due()) {
        if (!busy) {
            tml_service_idle(LONGEST_IDLE_MS);
        }
        return false;
    }
    tml_sensor_read(values);
#if TML_CHANNELS > 0
    return tml_service_sample((const int16_t *)(const void *)values);
#else
    return tml_service_infer(values);
#endif
}
