/* One access that Armv6-M does not have: a word from an odd address. */
#include <stdint.h>

void finished(void);

__attribute__((noinline)) void finished(void) {
    __asm volatile("" ::: "memory");
}

int main(int argc, char **argv) {
    (void)argv;
    static const uint32_t words[2] = {0, 1};
    uintptr_t address = (uintptr_t)words + 1u;
    __asm volatile("ldr %0, [%0]" : "+l"(address)::"memory");
    finished();
    return argc;
}
