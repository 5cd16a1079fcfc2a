/* What every Cortex-M port needs of the core.
 * Source: Armv6-M and Armv7-M architecture reference manuals (NVIC, SCB). */
#ifndef TML_CORE_H
#define TML_CORE_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define NVIC_ENABLE(irq) REGISTER(0xE000E100u + 4u * ((irq) / 32u))
#define NVIC_DISABLE(irq) REGISTER(0xE000E180u + 4u * ((irq) / 32u))
#define NVIC_CLEAR(irq) REGISTER(0xE000E280u + 4u * ((irq) / 32u))
#define NVIC_BIT(irq) (1u << ((irq) % 32u))

#define SCB_AIRCR REGISTER(0xE000ED0Cu)
#define SCB_AIRCR_RESET 0x05FA0004u

/* An entry of the vector table. A port puts its interrupts, from number 0 on, into an array in
 * section .vectors.irq, which the link script places behind start-up's. */
typedef void (*tml_vector_t)(void);
#define TML_IRQ_VECTORS __attribute__((section(".vectors.irq"), used))

static inline _Noreturn void tml_core_reset(void) {
    SCB_AIRCR = SCB_AIRCR_RESET;
    for (;;) {
    }
}

/* Between these two an interrupt is not taken, but still ends tml_core_wait. */
static inline void tml_core_mask(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void tml_core_unmask(void) {
    __asm volatile("dsb\n cpsie i\n isb" ::: "memory");
}

static inline void tml_core_wait(void) {
    __asm volatile("dsb\n wfi" ::: "memory");
}

#endif
