#include <stdint.h>
#include <string.h>

/* Or the compiler would make these loops into calls of themselves. */
#ifdef __clang__
#define LOOPS_STAY __attribute__((no_builtin))
#else
#define LOOPS_STAY
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

LOOPS_STAY void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3u) == 0) {
        for (; bytes >= 4u; bytes -= 4u, out += 4, in += 4) {
            *(uint32_t __attribute__((may_alias)) *)(void *)out =
                *(const uint32_t __attribute__((may_alias)) *)(const void *)in;
        }
    }
    for (; bytes > 0; bytes--) {
        *out++ = *in++;
    }
    return to;
}

LOOPS_STAY void *memmove(void *to, const void *from, size_t bytes) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out <= (uintptr_t)in) {
        for (size_t i = 0; i < bytes; i++) {
            out[i] = in[i];
        }
    } else {
        for (size_t i = bytes; i > 0; i--) {
            out[i - 1] = in[i - 1];
        }
    }
    return to;
}

LOOPS_STAY void *memset(void *to, int value, size_t bytes) {
    uint8_t *out = to;
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)value;
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
