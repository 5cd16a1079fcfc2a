/* Bytes from one place to another. */
#ifndef TML_COPY_H
#define TML_COPY_H

#include <stdint.h>

typedef struct {
    uint32_t bytes;
} tml_copy_t;

void tml_copy(const tml_copy_t *params, const void *input, void *output);

#endif
