#include "rearrange.h"

#include <string.h>

static void copy_box(const TML_FLASH tml_box_t *box, int32_t axis, const uint8_t *source,
                     uint8_t *target) {
    if (axis == TML_BOX_RANK) {
        memcpy(target, source, (size_t)box->run_bytes);
        return;
    }
    for (int32_t i = 0; i < box->sizes[axis]; i++) {
        copy_box(box, axis + 1, source, target);
        source += box->source_strides[axis];
        target += box->target_strides[axis];
    }
}

void tml_rearrange(const tml_rearrange_t *params, const void *input, void *output) {
    if (params->fill != TML_NO_FILL) {
        memset(output, params->fill, params->output_bytes);
    }
    for (int32_t i = 0; i < params->box_count; i++) {
        const TML_FLASH tml_box_t *box = &params->boxes[i];
        copy_box(box, 0, (const uint8_t *)input + box->source, (uint8_t *)output + box->target);
    }
}

void tml_gather(const tml_gather_t *params, const void *input, void *output) {
    const size_t run = (size_t)params->run_bytes;
    uint8_t *target = output;
    if (params->fill != TML_NO_FILL) {
        memset(output, params->fill, (size_t)params->count * run);
    }
    for (int32_t i = 0; i < params->count; i++, target += run) {
        if (params->sources[i] != TML_GATHER_SKIP) {
            memcpy(target, (const uint8_t *)input + params->sources[i] * run, run);
        }
    }
}
