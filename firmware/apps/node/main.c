/* The node application: what a board does that is fed by its host. */
#include "tml/port.h"
#include "tml/service.h"

#define IDLE_MS 1000u

int main(int argc, char **argv) {
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    for (;;) {
        if (!tml_service_poll()) {
            tml_port_idle(IDLE_MS);
        }
    }
}
