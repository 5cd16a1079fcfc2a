#include "armv7em/fully_connected.h"

#include <stddef.h>
#include <string.h>

#include "armv7em/expand.h"

void tml_armv7em_fully_connected(const tml_armv7em_fully_connected_t *params, const int8_t *input,
                                 int8_t *output, uint8_t *scratch) {
    uint32_t *pixel = (uint32_t *)(void *)scratch;
    const int32_t whole = params->outputs & ~3;
    const int32_t groups = (params->inputs + 3) / 4;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        tml_armv7em_row_t row = {
            .output = output,
            .output_end = output + whole,
            .pixel = pixel,
            .pixel_end = tml_armv7em_expand_row(pixel, input, params->inputs),
            .packed = params->packed,
            .turns = tml_armv7em_turns(groups, TML_ARMV7EM_ROW_UNROLLED),
            .ends = params->ends,
            .words = params->words,
            .words_bytes = params->words_bytes,
            .addend = params->addend,
        };
        if (whole > 0) {
            tml_armv7em_gemv(&row);
        }
        if (params->last_packed != NULL) {
            int8_t last[4];
            row.output = last;
            row.output_end = last + 4;
            row.packed = params->last_packed;
            row.words = params->words + params->words_bytes / 4 * whole;
            tml_armv7em_gemv(&row);
            memcpy(output + whole, last, (size_t)(params->outputs - whole));
        }
        tml_armv7em_clamp(&params->clamp, output, params->outputs);
        input += params->inputs;
        output += params->outputs;
    }
}
