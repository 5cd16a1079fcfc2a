/* The node with a sensor that is SIMULATED, for trying things out on an emulated board. The board's
 * number chooses what is simulated; noise and phase are others at each boot, as no two recordings
 * are alike. TML_SAMPLE_PERIOD_US may say another rate than the model's, so that a model of slow
 * things has something to log within a minute. */
#include "model_select.h"
#include "sensors/simulated.h"
#include "tml/port.h"
#include "tml/sensing.h"
#include "tml/service.h"

#ifdef TML_SAMPLE_PERIOD_US
#define PERIOD_US TML_SAMPLE_PERIOD_US
#else
#define PERIOD_US TML_MODEL.sample_period_us
#endif

static int32_t counts[TML_MODEL_CHANNELS];

int main(int argc, char **argv) {
    uint8_t id[TML_DEVICE_ID_BYTES];
    tml_sensing_t sensing;
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    tml_service_simulates();
    tml_port_device_id(id);
    tml_simulated_t simulated = tml_simulated(id[TML_DEVICE_ID_BYTES - 1u], tml_service_boot_id(),
                                              TML_MODEL_CHANNELS, tml_service_sampled);
    const tml_sensor_t sensor = tml_simulated_sensor(&simulated);
    if (!tml_sensing_begin(&sensing, &sensor, counts, PERIOD_US)) {
        tml_port_reset();
    }
    for (;;) {
        tml_sensing_step(&sensing);
    }
}
