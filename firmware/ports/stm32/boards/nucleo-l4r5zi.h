/* Nucleo-L4R5ZI: LPUART1 on PG7 and PG8, which the ST-LINK makes a serial port.
 * Source: UM2179; DS12023, pinout; RM0432, pages and interrupts. */
#define TML_STM32_UART_IRQ 70u
#define TML_STM32_TRANSMIT 6u, 7u
#define TML_STM32_RECEIVE 6u, 8u
#define TML_STM32_FUNCTION 8u
#define TML_STM32_STORAGE_PAGE 240u /* of bank 2 */
#define TML_STM32_ERASE_BYTES 0x1000u
#define TML_RETAINED_BYTES 2048u

#include "../l4.h"
