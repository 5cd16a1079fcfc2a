/* CAST between types, and LOGICAL_NOT. */
#ifndef TML_CAST_H
#define TML_CAST_H

#include "tml/model.h"

typedef struct {
    int32_t elements;
    tml_dtype_t from;
    tml_dtype_t to;
} tml_cast_t;

typedef struct {
    int32_t elements;
} tml_logical_not_t;

void tml_cast(const tml_cast_t *params, const void *input, void *output);
void tml_logical_not(const tml_logical_not_t *params, const uint8_t *input, uint8_t *output);

#endif
