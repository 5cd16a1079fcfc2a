/* Walking over some dimensions of a tensor while others stay: what all reductions share. */
#ifndef TML_EXTENTS_H
#define TML_EXTENTS_H

#include <stdint.h>

#define TML_REDUCE_RANK 6

/* A dimension as a kernel walks it. */
typedef struct {
    int32_t size;
    int32_t stride; /* in elements of the input */
} tml_extent_t;

/* The compiler merges a shape into kept and reduced dimensions, outermost first. */
typedef struct {
    int32_t kept_rank;    /* 0 .. TML_REDUCE_RANK */
    int32_t reduced_rank; /* 0 .. TML_REDUCE_RANK */
    tml_extent_t kept[TML_REDUCE_RANK];
    tml_extent_t reduced[TML_REDUCE_RANK];
    int32_t outputs; /* product of the kept sizes */
} tml_extents_t;

/* Where the elements of an output begin in the input. */
static inline int32_t tml_kept_place(const tml_extents_t *extents, int32_t output) {
    int32_t place = 0;
    for (int32_t axis = extents->kept_rank - 1; axis >= 0; axis--) {
        place += output % extents->kept[axis].size * extents->kept[axis].stride;
        output /= extents->kept[axis].size;
    }
    return place;
}

/* On to the next element of an output; 0 after the last. `index` begins with zeros. */
static inline int tml_next_reduced(const tml_extents_t *extents, int32_t index[TML_REDUCE_RANK],
                                   int32_t *place) {
    for (int32_t axis = extents->reduced_rank - 1; axis >= 0; axis--) {
        const tml_extent_t *extent = &extents->reduced[axis];
        *place += extent->stride;
        if (++index[axis] < extent->size) {
            return 1;
        }
        *place -= extent->size * extent->stride;
        index[axis] = 0;
    }
    return 0;
}

#endif
