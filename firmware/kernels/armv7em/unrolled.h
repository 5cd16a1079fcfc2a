/* How often the inner loops of gemm.S, gemv.S and winograd.S are unrolled, and how they are jumped
 * into. */
#ifndef TML_ARMV7EM_UNROLLED_H
#define TML_ARMV7EM_UNROLLED_H

/* Pairs of groups of four products, in a tile and in a row. Windows of 3x3 come in nines. */
#define TML_ARMV7EM_TILE_UNROLLED 9
#define TML_ARMV7EM_ROW_UNROLLED 8
/* Groups of four channels after the first one: up to 64 channels in one turn. */
#define TML_ARMV7EM_WINOGRAD_UNROLLED 15

#ifndef __ASSEMBLER__

#include <stdint.h>

typedef struct {
    int32_t skipped; /* pairs of groups to jump over in the first turn; all where there is none */
    int32_t is_odd;  /* whether a group has no other */
    int32_t count;   /* turns */
} tml_armv7em_turns_t;

/* Of so many groups. */
static inline tml_armv7em_turns_t tml_armv7em_turns(int32_t groups, int32_t unrolled) {
    const int32_t count = (groups / 2 + unrolled - 1) / unrolled;
    const int32_t skipped = count > 0 ? count * unrolled - groups / 2 : unrolled;
    return (tml_armv7em_turns_t){skipped, groups % 2, count};
}

#endif
#endif
