/* Copies of bytes into patches (gemm.h), a vector at a time: the last one only as far as there are
 * bytes, so that nothing else is read. `bytes` > 0. */
#ifndef TML_ARMV81MM_PATCH_H
#define TML_ARMV81MM_PATCH_H

#include <arm_mve.h>

/* Four pixels side by side, vector by vector. */
static inline void tml_armv81mm_interleave(const int8_t *first, const int8_t *second,
                                           const int8_t *third, const int8_t *fourth, int32_t bytes,
                                           int8_t *patch) {
    __asm__ volatile("dlstp.8 lr, %[bytes]\n"
                     "1:\n\t"
                     "vldrb.u8 q0, [%[first]], #16\n\t"
                     "vldrb.u8 q1, [%[second]], #16\n\t"
                     "vstrb.8 q1, [%[patch], #16]\n\t"
                     "vldrb.u8 q1, [%[third]], #16\n\t"
                     "vstrb.8 q1, [%[patch], #32]\n\t"
                     "vldrb.u8 q1, [%[fourth]], #16\n\t"
                     "vstrb.8 q1, [%[patch], #48]\n\t"
                     "vstrb.8 q0, [%[patch]], #64\n\t"
                     "letp lr, 1b"
                     : [first] "+r"(first), [second] "+r"(second), [third] "+r"(third),
                       [fourth] "+r"(fourth), [patch] "+r"(patch)
                     : [bytes] "r"(bytes)
                     : "lr", "q0", "q1", "memory");
}

/* Pieces at a distance of each other in memory, to pieces in a patch: vectors there lie beside each
 * other, or there is one in four. */
typedef struct {
    int32_t count; /* > 0 */
    int32_t bytes;
    int32_t from_step; /* from the end of one's last whole vector to the next one's begin */
    int32_t to_step;
} tml_armv81mm_pieces_t;

static inline tml_armv81mm_pieces_t tml_armv81mm_pieces(int32_t count, int32_t bytes,
                                                        int32_t from_distance, int32_t to_distance,
                                                        int32_t scale) {
    const int32_t whole = (bytes + 15) & ~15;
    const tml_armv81mm_pieces_t pieces = {count, bytes, from_distance - whole,
                                          (to_distance - whole) * scale};
    return pieces;
}

#define TML_ARMV81MM_COPY_PIECES(distance)                                                         \
    __asm__ volatile("1:\n\t"                                                                      \
                     "dlstp.8 lr, %[bytes]\n"                                                      \
                     "2:\n\t"                                                                      \
                     "vldrb.u8 q0, [%[from]], #16\n\t"                                             \
                     "vstrb.8 q0, [%[to]], #" distance "\n\t"                                      \
                     "letp lr, 2b\n\t"                                                             \
                     "add %[from], %[from_step]\n\t"                                               \
                     "add %[to], %[to_step]\n\t"                                                   \
                     "subs %[count], #1\n\t"                                                       \
                     "bne 1b"                                                                      \
                     : [from] "+r"(from), [to] "+r"(to), [count] "+r"(count)                       \
                     : [bytes] "r"(pieces.bytes), [from_step] "r"(pieces.from_step),               \
                       [to_step] "r"(pieces.to_step)                                               \
                     : "lr", "q0", "cc", "memory")

static inline void tml_armv81mm_copy(tml_armv81mm_pieces_t pieces, const int8_t *from, int8_t *to) {
    int32_t count = pieces.count;
    TML_ARMV81MM_COPY_PIECES("16");
}

static inline void tml_armv81mm_spread(tml_armv81mm_pieces_t pieces, const int8_t *from,
                                       int8_t *to) {
    int32_t count = pieces.count;
    TML_ARMV81MM_COPY_PIECES("64");
}

#endif
