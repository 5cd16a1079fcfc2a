/* Walking through tensors of which some are repeated along some dimensions. */
#ifndef TML_BROADCAST_H
#define TML_BROADCAST_H

#include <stdint.h>

#define TML_BROADCAST_RANK 6
#define TML_BROADCAST_INPUTS 3

typedef struct {
    int32_t rank;                     /* 1 .. TML_BROADCAST_RANK */
    int32_t elements;                 /* of the output */
    int32_t dims[TML_BROADCAST_RANK]; /* of the output, outermost first */
    /* In elements; 0 along a dimension that repeats the input. */
    int32_t strides[TML_BROADCAST_INPUTS][TML_BROADCAST_RANK];
} tml_broadcast_t;

/* Where a walk is: the place in each input. Start with zeros. */
typedef struct {
    int32_t places[TML_BROADCAST_INPUTS];
    int32_t index[TML_BROADCAST_RANK];
} tml_walk_t;

/* On to the next element of the output. */
static inline void tml_walk_on(const tml_broadcast_t *broadcast, int32_t inputs, tml_walk_t *walk) {
    for (int32_t axis = broadcast->rank - 1; axis >= 0; axis--) {
        const int carry = ++walk->index[axis] == broadcast->dims[axis];
        const int32_t back = carry ? broadcast->dims[axis] - 1 : -1;
#ifndef __AVR__      /* whose GCC is too old to know it */
#pragma GCC unroll 3 /* one for each input: without it clang keeps the loop */
#endif
        for (int32_t i = 0; i < inputs; i++) {
            walk->places[i] -= back * broadcast->strides[i][axis];
        }
        if (!carry) {
            return;
        }
        walk->index[axis] = 0;
    }
}

#endif
