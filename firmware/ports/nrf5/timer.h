/* The timer that is the port's clock: microseconds. Source: nRF51 Series Reference Manual v3.0. */
#ifndef TML_NRF5_TIMER_H
#define TML_NRF5_TIMER_H

#include "../cortex_m/core.h"

#define TIMER_CAPTURE REGISTER(0x40008040u) /* into TIMER_NOW */
#define TIMER_NOW REGISTER(0x40008540u)

#endif
