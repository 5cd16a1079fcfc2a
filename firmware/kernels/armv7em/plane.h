/* Depthwise 3x3 windows for Armv7E-M over planes: one channel as 16-bit activations, times 256.
 *
 * A plane holds an image with its border, the zero point, so that no tap is a special case. Two
 * neighbours "along" share a word; words that are neighbours "across" lie next to each other:
 *
 *     word (j, q) = activation (2j, q) | activation (2j + 1, q) << 16, at plane[j * column + q]
 *
 * Two columns of four words are all that two by two outputs need: 36 MACs in 24 instructions.
 * Either axis of the image can be the one along: the compiler takes the cheaper one, and turns the
 * weights to match.
 */
#ifndef TML_ARMV7EM_PLANE_H
#define TML_ARMV7EM_PLANE_H

#include <stdint.h>

/* Channels whose planes follow each other; the kernels walk each column by column. They read this
 * struct by position. */
typedef struct {
    int32_t step_bytes;    /* from the first output of a pair along to its second */
    int32_t advance_bytes; /* from an output to the next across */
    const uint8_t *packed;
    const uint32_t *plane; /* first channel's first column */
    int32_t plane_bytes;   /* to the next channel's */
    int8_t *output;        /* first channel's first output; the next channel's is beside it */
    int32_t channels;
    int32_t column_bytes;        /* from a column of the plane to the next */
    int32_t output_column_bytes; /* from the outputs of a column to the next one's */
    int32_t pairs;               /* columns of pairs of outputs: stride 1 */
    int32_t singles;             /* columns of one output: after the pairs, or all of stride 2 */
    int32_t walk_bytes;          /* of a column of the plane, for its pairs of outputs across */
    int32_t is_odd;              /* whether an output across is left */
} tml_armv7em_planes_t;

/* The packed weights hold of each channel its bias, times 256; a multiplier, or m, constants and S
 * (requantize.inc); and its weights. Of three taps across with three along each, these are the
 * bytes 0 and 3, 1 and 4, 6 and 5, 7 and 2, and 8. */
typedef void (*tml_armv7em_planes_kernel_t)(const tml_armv7em_planes_t *planes);

/* Stride 1 and 2; requantise by a multiplier and a shift, or for a zero point that is the lowest
 * element, or for any. */
void tml_armv7em_planes_1_12(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_1_16(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_1_8(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_1_full_relu(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_1_full_signed(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_2_12(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_2_16(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_2_8(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_2_full_relu(const tml_armv7em_planes_t *planes);
void tml_armv7em_planes_2_full_signed(const tml_armv7em_planes_t *planes);

/* Four channels of two neighbours along into a column of each of four planes. The kernel reads this
 * struct by position. */
typedef struct {
    const int8_t *first; /* the first neighbour's first channel */
    int32_t first_bytes; /* to its next input across; 0 for a border, four zero points */
    const int8_t *second;
    int32_t second_bytes;
    uint32_t *plane;     /* where the first word of the first plane goes */
    int32_t plane_bytes; /* from a plane to the next */
    int32_t words;       /* inputs across */
} tml_armv7em_spread_t;

void tml_armv7em_spread(const tml_armv7em_spread_t *spread);

#endif
