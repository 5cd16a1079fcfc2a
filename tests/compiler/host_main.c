/* Runs a compiled model on the host: for every sample on standard input, its inputs one after the
 * other, writes all outputs. The arena is a block of exactly its size, so that the address
 * sanitizer sees the first byte beyond it. */
#include "model_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    const tml_model_t *model = &TML_MODEL;
    uint8_t *arena = malloc(model->arena_bytes);
    uint8_t *state = malloc(model->state_bytes + 1u);
    if (arena == NULL || state == NULL) {
        return 2;
    }
    if (model->reset_state != NULL) {
        model->reset_state(state);
    }
    for (;;) {
        memset(arena, 0xA5, model->arena_bytes);
        for (unsigned i = 0; i < model->input_count; i++) {
            const tml_tensor_t *input = &model->inputs[i];
            if (fread(arena + input->arena_offset, 1, input->bytes, stdin) != input->bytes) {
                free(arena);
                free(state);
                return i == 0 ? 0 : 3;
            }
        }
        model->infer(arena, state);
        for (unsigned i = 0; i < model->output_count; i++) {
            fwrite(arena + model->outputs[i].arena_offset, 1, model->outputs[i].bytes, stdout);
        }
    }
}
