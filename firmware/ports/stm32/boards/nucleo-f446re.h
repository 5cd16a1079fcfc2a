/* Nucleo-F446RE: USART2 on PA2 and PA3, which the ST-LINK makes a serial port.
 * Source: UM1724; DS10693, pinout; RM0390, sectors and interrupts. */
#define TML_STM32_UART 0x40004400u
#define TML_STM32_UART_IRQ 38u
#define TML_STM32_UART_ENABLE (1u << 17)
#define TML_STM32_TRANSMIT 0u, 2u
#define TML_STM32_RECEIVE 0u, 3u
#define TML_STM32_FUNCTION 7u
#define TML_STM32_STORAGE_SECTOR 6u
#define TML_STM32_ERASE_BYTES 0x20000u
#define TML_RETAINED_BYTES 2048u

#include "../f4.h"
