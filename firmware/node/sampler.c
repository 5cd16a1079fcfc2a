#include "tml/sampler.h"

tml_sampler_t tml_sampler_begin(uint64_t period_us, uint32_t buffered, uint64_t now_us) {
    return (tml_sampler_t){.due_us = now_us, .period_us = period_us, .buffered = buffered};
}

bool tml_sampler_due(tml_sampler_t *sampler, uint64_t now_us, uint64_t *missed) {
    *missed = 0;
    if (now_us < sampler->due_us) {
        return false;
    }
    const uint64_t late_us = now_us - sampler->due_us;
    if (late_us >= sampler->period_us) { /* rare, and a division takes long on small cores */
        const uint64_t waiting = late_us / sampler->period_us;
        *missed = waiting > sampler->buffered ? waiting - sampler->buffered : 0;
    }
    sampler->due_us += (*missed + 1u) * sampler->period_us;
    return true;
}

uint64_t tml_sampler_wait_us(const tml_sampler_t *sampler, uint64_t now_us) {
    return now_us < sampler->due_us ? sampler->due_us - now_us : 0;
}
