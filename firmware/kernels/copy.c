#include "copy.h"

#include <string.h>

void tml_copy(const tml_copy_t *params, const void *input, void *output) {
    memmove(output, input, params->bytes);
}
