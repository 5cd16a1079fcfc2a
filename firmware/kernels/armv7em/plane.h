/* Depthwise 3x3 windows for Armv7E-M over planes: one channel as 16-bit activations.
 *
 * A plane holds an image with its border, the zero point, so that no tap is a special case. Two
 * neighbours "along" share a word; words that are neighbours "across" lie next to each other:
 *
 *     word (j, q) = activation (2j, q) | activation (2j + 1, q) << 16, at plane[j * column + q]
 *
 * Three words across, read by one LDM, are half of all that two outputs need. Either axis of the
 * image can be the one along: the compiler takes the cheaper one, and turns the weights to match.
 */
#ifndef TML_ARMV7EM_PLANE_H
#define TML_ARMV7EM_PLANE_H

#include <stdint.h>

/* One channel: the kernels walk column by column. They read this struct by position. */
typedef struct {
    int32_t multiplier;          /* see requantize.inc */
    int32_t constants;           /* sum of halves and zero point */
    int32_t shift;               /* S */
    int32_t bias;                /* times 256 */
    int32_t step_bytes;          /* from the first output of a pair to its second */
    int32_t advance_bytes;       /* from an output to the next across */
    int32_t walk_bytes;          /* of the plane, for all outputs of a column */
    const uint32_t *plane;       /* first column */
    int8_t *output;              /* first output of the first column */
    int32_t column_bytes;        /* from a column of the plane to the next */
    int32_t output_column_bytes; /* from its outputs to the next one's */
    int32_t pairs;               /* columns of pairs of outputs: stride 1 */
    int32_t singles;             /* columns of one output: after the pairs, or all of stride 2 */
    int32_t skipped;             /* outputs across that the unrolled loop over pairs leaves out */
    uint32_t weights[6];         /* times 256: w0 | w1 << 16 by tap across, then w1 | w2 << 16 */
} tml_armv7em_plane_t;

/* Outputs across that the loop over pairs unrolls; it jumps into the first turn. */
#define TML_ARMV7EM_PAIRS_UNROLLED 4

typedef void (*tml_armv7em_plane_kernel_t)(const tml_armv7em_plane_t *plane);

/* Stride 1 and 2, for a zero point that is the lowest element, and for any. */
void tml_armv7em_plane_1_relu(const tml_armv7em_plane_t *plane);
void tml_armv7em_plane_1_signed(const tml_armv7em_plane_t *plane);
void tml_armv7em_plane_2_relu(const tml_armv7em_plane_t *plane);
void tml_armv7em_plane_2_signed(const tml_armv7em_plane_t *plane);

/* How four channels of an image become four planes, two neighbours along at a time. The kernel
 * reads this struct by position. */
typedef struct {
    const int8_t *input; /* the first neighbour's first channel */
    uint32_t *plane;     /* where the first word of the first plane goes */
    int32_t plane_bytes; /* from a plane to the next */
    int32_t neighbour_bytes;
    int32_t next_bytes; /* to the next input across */
    int32_t walk_bytes; /* of words that a pair fills in each plane */
    int32_t pairs;
    int32_t input_skip_bytes; /* from the end of a pair's inputs to the next pair */
    int32_t plane_skip_bytes; /* from the end of its words to the next column */
} tml_armv7em_spread_t;

void tml_armv7em_spread(const tml_armv7em_spread_t *spread);

#endif
