/* Pins of the nRF5. Source: nRF51 Series Reference Manual v3.0, GPIO; nRF52840 Product
 * Specification v1.7, GPIO. Port 1 of the larger nRF52 follows port 0; pins are numbered on. */
#ifndef TML_NRF5_PINS_H
#define TML_NRF5_PINS_H

#include "../cortex_m/core.h"

#define GPIO(pin) (0x50000000u + 0x300u * ((pin) / 32u))
#define GPIO_SET(pin) REGISTER(GPIO(pin) + 0x508u)
#define GPIO_CLEAR(pin) REGISTER(GPIO(pin) + 0x50Cu)
#define GPIO_INPUT(pin) REGISTER(GPIO(pin) + 0x510u)
#define GPIO_OUTPUT(pin) REGISTER(GPIO(pin) + 0x518u)
#define GPIO_SETTINGS(pin) REGISTER(GPIO(pin) + 0x700u + 4u * ((pin) % 32u))
#define GPIO_BIT(pin) (1u << ((pin) % 32u))

#define GPIO_DRIVES 1u            /* an output; its input stays connected */
#define GPIO_PULLED_UP (3u << 2)  /* about 13 kOhm */
#define GPIO_OPEN_DRAIN (6u << 8) /* drives a 0, lets go of a 1 */

#endif
