#include "tml/self_test.h"

#include <stddef.h>
#include <string.h>

uint32_t tml_self_test(const tml_model_t *model, const tml_self_test_t *test, uint8_t *arena,
                       uint8_t *state) {
    if (model->reset_state != NULL) {
        model->reset_state(state);
    }
    const uint8_t *given = test->input;
    for (uint16_t i = 0; i < model->input_count; ++i) {
        memcpy(arena + model->inputs[i].arena_offset, given, model->inputs[i].bytes);
        given += model->inputs[i].bytes;
    }
    model->infer(arena, state);
    uint32_t wrong = 0;
    const uint8_t *expected = test->output;
    for (uint16_t i = 0; i < model->output_count; ++i) {
        const uint8_t *found = arena + model->outputs[i].arena_offset;
        for (uint32_t byte = 0; byte < model->outputs[i].bytes; ++byte) {
            wrong += found[byte] != *expected++;
        }
    }
    return wrong;
}
