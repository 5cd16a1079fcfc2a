/* Time from SysTick, which every Cortex-M but a few M0 has.
 * Source: Armv7-M architecture reference manual, "The system timer". */
#ifndef TML_SYSTICK_H
#define TML_SYSTICK_H

#include <stdint.h>

/* Starts an interrupt a millisecond. `clock_hz` is the core's, a multiple of 1 MHz, at most 16 GHz
 * (the counter has 24 bits). */
void tml_systick_start(uint32_t clock_hz);

/* Time since the start. */
uint64_t tml_systick_us(void);

/* The same, cheaper: whole milliseconds. */
uint64_t tml_systick_ms(void);

#endif
