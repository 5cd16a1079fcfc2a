#include <stdint.h>
#include <string.h>

/* Or the compiler would make these loops into calls of themselves. */
#ifdef __clang__
#define LOOPS_STAY __attribute__((no_builtin))
#else
#define LOOPS_STAY
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* Words at any address where the core loads and stores them so, else at their own. */
#ifdef __ARM_FEATURE_UNALIGNED
typedef uint32_t word_t __attribute__((may_alias, aligned(1)));
#define STEP_OF(addresses) sizeof(word_t)
#else
typedef uint32_t word_t __attribute__((may_alias));
#define STEP_OF(addresses)                                                                         \
    (((addresses)&3u) == 0 ? sizeof(word_t) : ((addresses)&1u) == 0 ? sizeof(half_t) : 1u)
#endif
typedef uint16_t half_t __attribute__((may_alias));

enum { AT_ONCE = 4, BLOCK = 16 };

/* As many of a type as there are whole ones of it, sixteen and four at once first. */
#define COPY_UP(type_t)                                                                            \
    do {                                                                                           \
        type_t *to = (type_t *)(void *)out;                                                        \
        const type_t *from = (const type_t *)(const void *)in;                                     \
        for (; bytes >= BLOCK * sizeof(type_t); bytes -= BLOCK * sizeof(type_t)) {                 \
            _Pragma("GCC unroll 16") for (int i = 0; i < BLOCK; i++) {                             \
                to[i] = from[i];                                                                   \
            }                                                                                      \
            to += BLOCK;                                                                           \
            from += BLOCK;                                                                         \
        }                                                                                          \
        for (; bytes >= AT_ONCE * sizeof(type_t); bytes -= AT_ONCE * sizeof(type_t)) {             \
            to[0] = from[0];                                                                       \
            to[1] = from[1];                                                                       \
            to[2] = from[2];                                                                       \
            to[3] = from[3];                                                                       \
            to += AT_ONCE;                                                                         \
            from += AT_ONCE;                                                                       \
        }                                                                                          \
        for (; bytes >= sizeof(type_t); bytes -= sizeof(type_t)) {                                 \
            *to++ = *from++;                                                                       \
        }                                                                                          \
        out = (uint8_t *)to;                                                                       \
        in = (const uint8_t *)from;                                                                \
    } while (0)

/* Upwards: also where `out` overlaps with what comes behind it. */
LOOPS_STAY static inline void copy_up(uint8_t *out, const uint8_t *in, size_t bytes) {
    const size_t step = STEP_OF((uintptr_t)out | (uintptr_t)in);
    if (step == sizeof(word_t)) {
        COPY_UP(word_t);
    } else if (step == sizeof(half_t)) {
        COPY_UP(half_t);
    }
    for (; bytes > 0; bytes--) {
        *out++ = *in++;
    }
}

/* Downwards, from the ends of both. */
LOOPS_STAY static inline void copy_down(uint8_t *out, const uint8_t *in, size_t bytes) {
    const size_t step = STEP_OF((uintptr_t)out | (uintptr_t)in);
    if (step == sizeof(word_t)) {
        for (; bytes >= step; bytes -= step) {
            out -= step;
            in -= step;
            *(word_t *)(void *)out = *(const word_t *)(const void *)in;
        }
    } else if (step == sizeof(half_t)) {
        for (; bytes >= step; bytes -= step) {
            out -= step;
            in -= step;
            *(half_t *)(void *)out = *(const half_t *)(const void *)in;
        }
    }
    for (; bytes > 0; bytes--) {
        *--out = *--in;
    }
}

LOOPS_STAY void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    copy_up(to, from, bytes);
    return to;
}

LOOPS_STAY void *memmove(void *to, const void *from, size_t bytes) {
    if ((uintptr_t)to <= (uintptr_t)from) {
        copy_up(to, from, bytes);
    } else {
        copy_down((uint8_t *)to + bytes, (const uint8_t *)from + bytes, bytes);
    }
    return to;
}

LOOPS_STAY void *memset(void *to, int value, size_t bytes) {
    uint8_t *out = to;
    for (; bytes > 0 && ((uintptr_t)out & (sizeof(word_t) - 1u)) != 0; bytes--) {
        *out++ = (uint8_t)value;
    }
    const uint32_t four = (uint8_t)value * 0x01010101u;
    word_t *words = (word_t *)(void *)out;
    for (; bytes >= AT_ONCE * sizeof *words; bytes -= AT_ONCE * sizeof *words) {
        words[0] = four;
        words[1] = four;
        words[2] = four;
        words[3] = four;
        words += AT_ONCE;
    }
    for (; bytes >= sizeof *words; bytes -= sizeof *words) {
        *words++ = four;
    }
    out = (uint8_t *)words;
    for (; bytes > 0; bytes--) {
        *out++ = (uint8_t)value;
    }
    return to;
}

LOOPS_STAY int memcmp(const void *a, const void *b, size_t bytes) {
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] - right[i];
        }
    }
    return 0;
}

LOOPS_STAY size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    return length;
}

LOOPS_STAY int strcmp(const char *a, const char *b) {
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}
