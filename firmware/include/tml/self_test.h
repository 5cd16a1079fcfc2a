/* Does this image compute what the model computes? One known inference, compared byte by byte. */
#ifndef TML_SELF_TEST_H
#define TML_SELF_TEST_H

#include "tml/model.h"

/* Runs `model` on `test` and returns how many bytes of its outputs are wrong: 0 is right. Memory is
 * as for tml_model_t's `infer`; the state is reset before and left as the inference leaves it. */
uint32_t tml_self_test(const tml_model_t *model, const tml_self_test_t *test, uint8_t *arena,
                       uint8_t *state);

#endif
