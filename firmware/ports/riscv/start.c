/* Start-up of a RISC-V core in machine mode: stack, trap, .data, .bss, main.
 * Source: the RISC-V instruction set manual, volume 2, "Machine-level CSRs". */
#include <stdint.h>

extern uint32_t tml_data_load[], tml_data_start[], tml_data_end[];
extern uint32_t tml_bss_start[], tml_bss_end[];

int main(int argc, char **argv);
void tml_start(void);
void tml_start_c(void);
void tml_fault(void);

/* No interrupt is ever taken; nothing can go on after a trap: stop where a debugger finds it. */
__attribute__((aligned(4))) void tml_fault(void) {
    for (;;) {
    }
}

__attribute__((naked, section(".start"), used)) void tml_start(void) {
    __asm volatile(".option arch, +zicsr\n"
                   "la sp, tml_stack_top\n"
                   "la t0, tml_fault\n"
                   "csrw mtvec, t0\n"
                   "j tml_start_c");
}

__attribute__((used)) void tml_start_c(void) {
    const uint32_t *from = tml_data_load;
    for (uint32_t *to = tml_data_start; to != tml_data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = tml_bss_start; to != tml_bss_end; to++) {
        *to = 0;
    }
    main(0, (char **)0);
    tml_fault();
}
