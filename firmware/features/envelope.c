#include "scaling.h"
#include "transform.h"

/* The size of the step to this sample of a channel; none to the first. */
static int32_t step_to(const int16_t *channel, int32_t index, int32_t stride) {
    if (index == 0) {
        return 0;
    }
    const int32_t step = channel[index * stride] - channel[(index - 1) * stride];
    return step < 0 ? -step : step;
}

static void load(const tml_front_end_t *front_end, const int16_t *channel, int32_t *data) {
    const int32_t count = front_end->frame;
    const int32_t stride = front_end->channels;
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += step_to(channel, i, stride);
    }
    const int32_t mean = (int32_t)tml_floor_divide(total, count);
    tml_loader_t loader = tml_loader(front_end, mean, data);
    for (int32_t i = 0; i < count; i += 2) {
        tml_load(&loader, step_to(channel, i, stride), step_to(channel, i + 1, stride));
    }
}

void tml_front_end_envelope(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch) {
    int32_t *data = scratch;
    for (int32_t channel = 0; channel < front_end->channels; channel++) {
        load(front_end, samples + channel, data);
        tml_transform(front_end, data);
        tml_scale_bands(front_end, channel, data, features);
    }
}
