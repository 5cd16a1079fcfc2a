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
static tml_sensed_channel_t channels[TML_MODEL_CHANNELS];
static tml_sensed_t sensed;

int main(int argc, char **argv) {
    uint8_t id[TML_DEVICE_ID_BYTES];
    tml_port_init(argc, argv);
    if (!tml_service_begin()) {
        tml_port_reset();
    }
    tml_service_simulates();
    tml_port_device_id(id);
    tml_simulated_t simulated = {.which = id[TML_DEVICE_ID_BYTES - 1u],
                                 .channels = TML_MODEL_CHANNELS,
                                 .seed = tml_service_boot_id(),
                                 .number = tml_service_sampled};
    const tml_sensor_t sensor = tml_simulated_sensor(&simulated);
    tml_sensing_t sensing = {
        .sensors = &sensor, .sensed = &sensed, .counts = counts, .channels = channels, .count = 1};
    for (uint8_t i = 0; i < TML_MODEL_CHANNELS; ++i) {
        channels[i] = (tml_sensed_channel_t){.channel = i, .multiplier = 256}; /* as it is */
    }
    if (!tml_sensing_begin(&sensing, PERIOD_US)) {
        tml_port_reset();
    }
    for (;;) {
        tml_sensing_step(&sensing);
    }
}
