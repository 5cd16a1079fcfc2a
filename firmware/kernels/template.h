/* TEMPLATE: every element times a factor. Copy this file (docs/adding-an-operator.md). */
#ifndef TML_TEMPLATE_H
#define TML_TEMPLATE_H

#include "fixed_point.h"

/* What tinyml/compiler/lower/template.py fills in, in this order of fields; pointers to tables have
 * TML_FLASH. Everything has been checked: a kernel cannot fail. */
typedef struct {
    int32_t elements;
    int32_t input_zero_point;
    tml_requantization_t requantization; /* one multiplier */
} tml_template_t;

void tml_template_int8(const tml_template_t *params, const int8_t *input, int8_t *output);
void tml_template_int16(const tml_template_t *params, const int16_t *input, int16_t *output);

#endif
