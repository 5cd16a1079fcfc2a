/* A loop whose every instruction is known, for holding the instruction counter to it. */
#define TURNS 1000

void counted(void);
void finished(void);

/* 1 + 3 * TURNS + 1 instructions, at offsets 0 (four bytes), 4, 6, 8 and 10. */
__attribute__((naked, noinline)) void counted(void) {
    __asm volatile("movw r1, %0\n"
                   "1: subs r1, r1, #1\n"
                   "nop\n"
                   "bne.n 1b\n"
                   "bx lr\n" ::"i"(TURNS));
}

__attribute__((noinline)) void finished(void) {
    __asm volatile("" ::: "memory");
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    for (;;) {
        counted();
        finished();
    }
}
