/* Start-up of every Cortex-M: vectors, .data, .bss, the floating-point unit, alignment, main.
 * Source: Armv7-M and Armv8-M architecture reference manuals, "Exceptions" and CPACR. */
#include <stdint.h>

extern uint32_t tml_stack_top[], tml_data_load[], tml_data_start[], tml_data_end[];
extern uint32_t tml_bss_start[], tml_bss_end[];

int main(int argc, char **argv);
void tml_start(void);
void tml_fault(void);
void tml_tick(void);

/* Nothing can go on after a fault: stop where a debugger finds it. */
void tml_fault(void) {
    for (;;) {
        __asm volatile("bkpt #0");
    }
}

/* The system tick; a port that uses it defines its own. */
__attribute__((weak)) void tml_tick(void) {
}

static void enable_coprocessors(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88u;
    *cpacr |= 0xFu << 20; /* CP10 and CP11: full access */
    __asm volatile("dsb\n isb");
#endif
}

/* Code for Armv6-M must not access memory unaligned. Its own cores fault anyway, and ignore this
 * write; a larger core that stands in for one shall fault, too. */
static void forbid_unaligned_accesses(void) {
#if __ARM_ARCH == 6
    volatile uint32_t *const ccr = (volatile uint32_t *)0xE000ED14u;
    *ccr |= 1u << 3; /* UNALIGN_TRP */
    /* QEMU looks at the register again when CONTROL is written. */
    __asm volatile("mrs r0, control\n msr control, r0\n isb" ::: "r0", "memory");
#endif
}

void tml_start(void) {
    enable_coprocessors();
    forbid_unaligned_accesses();
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

typedef void (*vector_t)(void);

__attribute__((section(".vectors"), used)) static const vector_t vectors[16] = {
    (vector_t)(uintptr_t)tml_stack_top,
    tml_start,
    tml_fault, /* NMI */
    tml_fault, /* HardFault */
    tml_fault, /* MemManage */
    tml_fault, /* BusFault */
    tml_fault, /* UsageFault */
    tml_fault, /* SecureFault */
    0,
    0,
    0,
    tml_fault, /* SVCall */
    tml_fault, /* DebugMonitor */
    0,
    tml_fault, /* PendSV */
    tml_tick,
};
