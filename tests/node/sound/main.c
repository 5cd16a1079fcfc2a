/* A node whose microphone hears a long sound at once, then answers its host. */
#include "tml/port.h"
#include "tml/service.h"

#define SAMPLES 20000u

int main(int argc, char **argv) {
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    for (uint32_t number = 0; number < SAMPLES; ++number) {
        const int16_t sample = (int16_t)(number * number * 31u >> 7);
        tml_service_sample(&sample);
    }
    for (;;) {
        if (!tml_service_poll()) {
            tml_port_idle(1);
        }
    }
}
