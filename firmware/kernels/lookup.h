/* Whatever maps one int8 element to another: a table of all 256. */
#ifndef TML_LOOKUP_H
#define TML_LOOKUP_H

#include "tml/flash.h"

#include <stdint.h>

typedef struct {
    int32_t elements;
    const TML_FLASH int8_t *table; /* [256], indexed by element + 128 */
} tml_lookup_t;

void tml_lookup_int8(const tml_lookup_t *params, const int8_t *input, int8_t *output);

#endif
