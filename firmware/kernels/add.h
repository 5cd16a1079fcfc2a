/* ADD with broadcasting: both inputs are brought to one scale, added, and brought to the output's.
 */
#ifndef TML_ADD_H
#define TML_ADD_H

#include "fixed_point.h"

#define TML_BROADCAST_RANK 6

typedef struct {
    int32_t zero_point;
    int32_t multiplier;
    int32_t shift;                       /* <= 0 */
    int32_t strides[TML_BROADCAST_RANK]; /* in elements, 0 along a broadcast dimension */
} tml_add_input_t;

typedef struct {
    int32_t rank;
    int32_t dims[TML_BROADCAST_RANK]; /* of the output */
    int32_t elements;
    tml_add_input_t inputs[2];
    int32_t left_shift; /* headroom of the common scale: 20 for int8, 15 for int16 */
    int32_t multiplier;
    int32_t shift; /* <= 0 */
    int32_t zero_point;
    int32_t lowest;
    int32_t highest;
} tml_add_t;

void tml_add_int8(const tml_add_t *params, const int8_t *a, const int8_t *b, int8_t *output);
void tml_add_int16(const tml_add_t *params, const int16_t *a, const int16_t *b, int16_t *output);

#endif
