/* memcpy, memmove and memset, held to loops over bytes: every alignment, every small length. */
#include "../verdict.h"

#include <stdint.h>
#include <string.h>

enum { SPACE = 256, LONGEST = 150, ALIGNMENTS = 4, FARTHEST = 9 };

extern volatile uint32_t place, other, bytes;
volatile uint32_t place, other, bytes; /* of what is wrong, for the test's message */

static _Alignas(4) uint8_t found[SPACE];
static _Alignas(4) uint8_t expected[SPACE];
static _Alignas(4) uint8_t source[SPACE];

static void fill(volatile uint8_t *to, uint32_t first) {
    for (uint32_t i = 0; i < SPACE; i++) {
        to[i] = (uint8_t)((i + first) * 37u);
    }
}

/* By way of `source`, so that overlaps do not matter. */
static void expect_copy(uint32_t to, const volatile uint8_t *from, uint32_t length) {
    volatile uint8_t *out = expected;
    volatile uint8_t *between = source;
    for (uint32_t i = 0; i < length; i++) {
        between[i] = from[i];
    }
    for (uint32_t i = 0; i < length; i++) {
        out[to + i] = between[i];
    }
}

static bool is_as_expected(void) {
    for (uint32_t i = 0; i < SPACE; i++) {
        if (((volatile uint8_t *)found)[i] != ((volatile uint8_t *)expected)[i]) {
            return false;
        }
    }
    return true;
}

static bool copies(uint32_t to, uint32_t from, uint32_t length) {
    place = to, other = from, bytes = length;
    fill(found, 0);
    fill(expected, 0);
    fill(source, 99);
    const bool told = memcpy(found + to, source + from, length) == found + to;
    expect_copy(to, source + from, length);
    return told && is_as_expected();
}

static bool moves(uint32_t to, uint32_t from, uint32_t length) {
    place = to, other = from, bytes = length;
    fill(found, 0);
    fill(expected, 0);
    const bool told = memmove(found + to, found + from, length) == found + to;
    expect_copy(to, expected + from, length);
    return told && is_as_expected();
}

static bool sets(uint32_t to, uint32_t length) {
    place = to, other = 0, bytes = length;
    fill(found, 0);
    fill(expected, 0);
    const bool told = memset(found + to, (int)(0x7E00u + length), length) == found + to;
    for (uint32_t i = 0; i < length; i++) {
        ((volatile uint8_t *)expected)[to + i] = (uint8_t)length;
    }
    return told && is_as_expected();
}

static bool all_are_right(void) {
    for (uint32_t length = 0; length <= LONGEST; length++) {
        for (uint32_t to = 8; to < 8 + ALIGNMENTS; to++) {
            for (uint32_t from = 16; from < 16 + ALIGNMENTS; from++) {
                if (!copies(to, from, length)) {
                    return false;
                }
            }
            for (uint32_t from = to > FARTHEST ? to - FARTHEST : 0; from <= to + FARTHEST; from++) {
                if (!moves(to, from, length)) {
                    return false;
                }
            }
            if (!sets(to, length)) {
                return false;
            }
        }
    }
    return true;
}
