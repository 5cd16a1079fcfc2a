/* The core's division, held to what defines it: dividend = quotient * divisor + remainder. */
#include "../verdict.h"

#include <stdint.h>

#define PAIRS 200000u

extern volatile uint32_t dividend, divisor;
volatile uint32_t dividend, divisor; /* of what is wrong, for the test's message */

static uint32_t magnitude(int32_t value) {
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

static bool is_right(uint32_t a, uint32_t b) {
    dividend = a;
    divisor = b;
    const uint32_t quotient = a / b, remainder = a % b;
    if (remainder >= b || (uint64_t)quotient * b + remainder != a) {
        return false;
    }
    const int32_t x = (int32_t)a, y = (int32_t)b;
    if (x == INT32_MIN && y == -1) {
        return true; /* C has no answer */
    }
    const int32_t q = x / y, r = x % y;
    return magnitude(r) < magnitude(y) && (r == 0 || (r < 0) == (x < 0)) && (int64_t)q * y + r == x;
}

/* Of any length, as random numbers mostly are long. */
static uint32_t next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> (*state >> 3 & 31u);
}

/* Around all powers of two, of both signs. */
static uint32_t near(uint32_t i) {
    return (UINT32_C(1) << (i / 3u)) + i % 3u - 1u;
}

static bool all_are_right(void) {
    for (uint32_t i = 0; i < 96; i++) {
        for (uint32_t j = 0; j < 96; j++) {
            if (near(j) != 0 && !(is_right(near(i), near(j)) && is_right(0u - near(i), near(j)) &&
                                  is_right(near(i), 0u - near(j)))) {
                return false;
            }
        }
    }
    uint32_t state = 20261130u;
    for (uint32_t i = 0; i < PAIRS; i++) {
        const uint32_t a = next(&state), b = next(&state);
        if (b != 0 && !is_right(a, b)) {
            return false;
        }
    }
    for (uint32_t a = 0; a < 700; a++) {
        for (uint32_t b = 1; b < 300; b++) {
            if (!is_right(a, b)) {
                return false;
            }
        }
    }
    return true;
}
