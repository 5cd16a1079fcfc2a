#include "systick.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CTRL REGISTER(0xE000E010u)
#define SYSTICK_CTRL_ON 7u /* core clock, interrupt, on */
#define SYSTICK_LOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define SCB_ICSR REGISTER(0xE000ED04u)
#define SCB_ICSR_TICK_PENDING (1u << 26)

static volatile uint64_t milliseconds;
static uint32_t ticks_a_us;

void tml_tick(void);

void tml_tick(void) {
    milliseconds++;
}

void tml_systick_start(uint32_t clock_hz) {
    ticks_a_us = clock_hz / 1000000u;
    SYSTICK_LOAD = clock_hz / 1000u - 1u;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = SYSTICK_CTRL_ON;
}

uint64_t tml_systick_ms(void) {
    for (;;) { /* 64 bits are read in two */
        const uint64_t before = milliseconds;
        if (before == milliseconds) {
            return before;
        }
    }
}

uint64_t tml_systick_us(void) {
    for (;;) {
        const uint64_t before = milliseconds;
        const uint32_t left = SYSTICK_VALUE;
        const int pending = (SCB_ICSR & SCB_ICSR_TICK_PENDING) != 0;
        if (before == milliseconds && !pending) {
            return before * 1000u + (SYSTICK_LOAD - left) / ticks_a_us;
        }
    }
}
