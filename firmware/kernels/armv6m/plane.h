/* Depthwise windows for Armv6-M over a plane: one channel, two activations a word (gemm.h).
 *
 * An image is cut in two along one axis, and its halves are laid over each other:
 *
 *     word (r, c) = activation (r, c) + activation (r + shift, c) * 2^16
 *
 * with a border of zero points, so that no tap is a special case. A window of words times its
 * weights is an output of both halves. Where outputs are odd, the one in the middle belongs to
 * both. */
#ifndef TML_ARMV6M_PLANE_H
#define TML_ARMV6M_PLANE_H

#include <stdint.h>

/* One channel. The kernels read this struct by position. */
typedef struct {
    const int32_t *weights;     /* row by row of the plane */
    const int32_t *weights_end; /* these two are for windows of any size only */
    int32_t weights_row_bytes;
    int32_t lowest; /* see requantize.inc */
    int32_t highest;
    int32_t step_bytes;        /* of the plane, from an output's first tap to the next one's */
    const uint32_t *end;       /* first tap behind the first row of outputs */
    int32_t row_bytes;         /* from that to the one behind the next row */
    int32_t skip_bytes;        /* from there to the first tap of that row */
    int32_t half_bytes;        /* from an output to that of the other half */
    int32_t output_step_bytes; /* from an output to the next in its row */
    int32_t output_skip_bytes; /* from behind a row to the next one */
    int32_t rows;
    const uint32_t *plane; /* first tap of the first output */
    int8_t *output;
    int32_t tap_skip_bytes; /* from behind three taps of a row to those of the next row */
    const int32_t *ends;    /* bias, then what load_end of requantize.inc reads */
} tml_armv6m_plane_t;

typedef void (*tml_armv6m_plane_kernel_t)(const tml_armv6m_plane_t *plane);

/* For 3x3 windows, sums of three taps that fit 16 bits, or of two taps and one; for others, whose
 * rows have an even number of taps, of two. All for elements above zero and on both sides of it, by
 * two digits and by three (requantize.inc). */
void tml_armv6m_plane_triples_relu_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_triples_relu_long(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_triples_signed_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_triples_signed_long(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_pairs_relu_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_pairs_relu_long(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_pairs_signed_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_pairs_signed_long(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_any_relu_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_any_relu_long(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_any_signed_short(const tml_armv6m_plane_t *plane);
void tml_armv6m_plane_any_signed_long(const tml_armv6m_plane_t *plane);

/* How one channel becomes the part of a plane whose words have both halves inside the image. The
 * kernel reads this struct by position. */
typedef struct {
    int32_t zero;             /* 0: walks over the image */
    const int8_t *upper;      /* the first word's activation in the second half */
    const int8_t *lower;      /* and in the first */
    uint32_t *plane;          /* where the first word goes */
    int32_t width_bytes;      /* of words in a row */
    int32_t rows;             /* at least 1 */
    int32_t step_bytes;       /* from an activation to the next in its row */
    int32_t skip_bytes;       /* from behind a row of activations to the next one */
    int32_t plane_skip_bytes; /* and of words */
} tml_armv6m_spread_t;

void tml_armv6m_spread(const tml_armv6m_spread_t *spread);

#endif
