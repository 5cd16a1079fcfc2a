/* Runs the model once on its self-test vector and says PASS: the least that uses a model. */
#include "model_select.h"
#include "self_test_vector.h"
#include "tml/self_test.h"

#include <stdio.h>

static _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
#if TML_MODEL_STATE_BYTES > 0
static _Alignas(TML_ARENA_ALIGN) uint8_t state[TML_MODEL_STATE_BYTES];
#else
static uint8_t *const state = NULL;
#endif

int main(void) {
    const uint32_t wrong = tml_self_test(&TML_MODEL, &tml_self_test_vector, arena, state);
    puts(wrong == 0 ? "PASS" : "FAIL");
    return wrong == 0 ? 0 : 1;
}
