/* Netduino Plus 2, STM32F405RG: USART1 on PA9 and PA10.
 * Source: DS8626, pinout and memory mapping; RM0090, sectors and interrupts. */
#define TML_STM32_UART 0x40011000u
#define TML_STM32_UART_IRQ 37u
#define TML_STM32_UART_ENABLE (1u << 4)
#define TML_STM32_TRANSMIT 0u, 9u
#define TML_STM32_RECEIVE 0u, 10u
#define TML_STM32_FUNCTION 7u
#define TML_STM32_STORAGE_SECTOR 10u
#define TML_STM32_ERASE_BYTES 0x20000u
#define TML_RETAINED_BYTES 8192u

#include "../f4.h"
