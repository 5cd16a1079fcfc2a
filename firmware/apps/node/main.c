/* The node application: what a board does that is fed by its host, or reads the sensors that the
 * project names (sensor_select.h, which the build writes). */
#include "tml/port.h"
#include "tml/service.h"

#ifdef TML_SENSES
#include "node_select.h"
#include "sensor_select.h"

static tml_sensor_t sensors[TML_SENSOR_COUNT];
static tml_sensed_t sensed[TML_SENSOR_COUNT];
static int32_t counts[TML_SENSOR_CHANNELS];

_Noreturn static void work(void) {
    tml_sensing_t sensing = {.sensors = sensors,
                             .sensed = sensed,
                             .counts = counts,
                             .channels = TML_SENSED,
                             .count = TML_SENSOR_COUNT};
    tml_select_sensors(sensors);
#if TML_NODE_INPUTS
    tml_service_records_inputs();
#endif
#if TML_NODE_HOP > 0
    tml_service_hops(TML_NODE_HOP);
#endif
#if TML_SENSORS_SIMULATED
    tml_service_simulates();
#endif
    if (!tml_sensing_begin(&sensing, TML_MODEL.sample_period_us)) {
        tml_port_reset();
    }
    for (;;) {
        tml_sensing_step(&sensing);
    }
}
#else
#define IDLE_MS 1000u

_Noreturn static void work(void) {
    for (;;) {
        if (!tml_service_poll()) {
            tml_port_idle(IDLE_MS);
        }
    }
}
#endif

int main(int argc, char **argv) {
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    work();
}
