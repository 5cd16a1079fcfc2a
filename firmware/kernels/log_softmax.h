/* LOG_SOFTMAX of int8 elements over the last dimension. */
#ifndef TML_LOG_SOFTMAX_H
#define TML_LOG_SOFTMAX_H

#include "fixed_point.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    /* [256], indexed by minus the difference from the row's maximum. */
    const TML_FLASH int32_t
        *exponentials;                    /* exp of the difference, Q12.19; 0 where insignificant */
    const TML_FLASH int32_t *differences; /* the difference, Q5.26 */
    int32_t lowest;                       /* difference that counts */
    tml_multiplier_t reverse;             /* from Q5.26 back to differences */
} tml_log_softmax_t;

void tml_log_softmax_int8(const tml_log_softmax_t *params, const int8_t *input, int8_t *output);

#endif
