/* How a program on a board tells a test what it found: a debugger stops at `right` or `wrong`. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

void right(void);
void wrong(void);

__attribute__((noinline)) void right(void) {
    __asm volatile("" ::: "memory");
}

__attribute__((noinline)) void wrong(void) {
    __asm volatile("" ::: "memory");
}

static bool all_are_right(void);

int main(int argc, char **argv) {
    (void)argv;
    if (all_are_right()) {
        right();
    } else {
        wrong();
    }
    return argc;
}

#endif
