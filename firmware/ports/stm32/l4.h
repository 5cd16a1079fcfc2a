/* STM32L4+ (L4R5): clocks, power, pins, LPUART and flash. Source: RM0432. */
#define RCC_CR REGISTER(0x40021000u)
#define RCC_CR_STARTED (1u << 1) /* the oscillator it starts on, MSI, is ready */
#define RCC_CR_HSI_ON (1u << 8)
#define RCC_CR_HSI_READY (1u << 10)
#define RCC_CR_PLL_ON (1u << 24)
#define RCC_CR_PLL_READY (1u << 25)
#define RCC_CFGR REGISTER(0x40021008u)
#define RCC_CFGR_USE_PLL 3u
#define RCC_CFGR_USES_PLL (3u << 2)
#define RCC_PLL REGISTER(0x4002100Cu)
#define RCC_PLL_80_MHZ ((1u << 24) | (10u << 8) | 2u) /* 16 MHz * 10 / 2 */
#define RCC_GPIO_ENABLE REGISTER(0x4002104Cu)
#define RCC_APB1_ENABLE REGISTER(0x40021058u)
#define RCC_POWER (1u << 28)
#define RCC_APB1_ENABLE_2 REGISTER(0x4002105Cu)
#define RCC_LPUART1 1u

#define POWER_CONTROL_2 REGISTER(0x40007004u)
#define POWER_PORT_G (1u << 9) /* its supply is there */

#define UART(offset) REGISTER(0x40008000u + (offset))
#define UART_CONTROL UART(0x00u)
#define UART_CONTROL_ON ((1u << 3) | (1u << 2) | 1u)
#define UART_RECEIVE_INTERRUPT (1u << 5)
#define UART_CONTROL_3 UART(0x08u)
#define UART_NO_OVERRUN (1u << 12) /* a lost byte does not stop the next one */
#define UART_DIVIDER UART(0x0Cu)
#define UART_STATUS UART(0x1Cu)
#define UART_RECEIVED (1u << 5)
#define UART_TRANSMIT_EMPTY (1u << 7)
#define UART_RECEIVE_DATA UART(0x24u)
#define UART_TRANSMIT_DATA UART(0x28u)

#define FLASH_ACR REGISTER(0x40022000u)
#define FLASH_ACR_80_MHZ ((7u << 8) | 3u) /* both caches, prefetch, three wait states */
#define FLASH_KEY REGISTER(0x40022008u)
#define FLASH_STATUS REGISTER(0x40022010u)
#define FLASH_BUSY (1u << 16)
#define FLASH_ERRORS 0xC3FAu /* cleared by writing them */
#define FLASH_CONTROL REGISTER(0x40022014u)
#define FLASH_LOCK (1u << 31)
#define FLASH_START (1u << 16)
#define FLASH_BANK_2 (1u << 11)
#define FLASH_PAGE(number) ((number) << 3)
#define FLASH_ERASE 2u
#define FLASH_PROGRAM 1u
#define FLASH_UNIT_BYTES 4u
#define FLASH_PROGRAM_BYTES 8u /* two words: the second one starts it */
typedef uint32_t flash_unit_t;

#define UNIQUE_ID 0x1FFF7590u

/* From the internal oscillator; the most without the boost mode of the core's supply. */
_Static_assert(TML_CLOCK_HZ == 16000000u * 10u / 2u, "what start_clock sets");
static void start_clock(void) {
    FLASH_ACR = FLASH_ACR_80_MHZ;
    while (FLASH_ACR != FLASH_ACR_80_MHZ) {
    }
    RCC_CR |= RCC_CR_HSI_ON;
    while (!(RCC_CR & RCC_CR_HSI_READY)) {
    }
    RCC_PLL = RCC_PLL_80_MHZ;
    RCC_CR |= RCC_CR_PLL_ON;
    while (!(RCC_CR & RCC_CR_PLL_READY)) {
    }
    RCC_CFGR = RCC_CFGR_USE_PLL;
    while ((RCC_CFGR & RCC_CFGR_USES_PLL) != RCC_CFGR_USES_PLL) {
    }
}

#define GPIO_BASE 0x48000000u
#include "pins.h"

/* LPUART1 of port G, whose supply must be declared first; its divider counts 256ths. */
static void connect_uart(void) {
    RCC_APB1_ENABLE |= RCC_POWER;
    POWER_CONTROL_2 |= POWER_PORT_G;
    RCC_APB1_ENABLE_2 |= RCC_LPUART1;
    UART_CONTROL_3 = UART_NO_OVERRUN;
    UART_DIVIDER = (uint32_t)(256ull * TML_CLOCK_HZ / UART_BAUD);
    connect_pin(TML_STM32_TRANSMIT);
    connect_pin(TML_STM32_RECEIVE);
}

static void unlock_flash(void) {
    FLASH_KEY = 0x45670123u;
    FLASH_KEY = 0xCDEF89ABu;
    FLASH_STATUS = FLASH_ERRORS;
}

static void begin_program(void) {
    FLASH_CONTROL = FLASH_PROGRAM;
}

/* The storage lies in bank 2. */
static void erase_block(uint32_t offset) {
    const uint32_t page = TML_STM32_STORAGE_PAGE + offset / TML_STM32_ERASE_BYTES;
    FLASH_CONTROL = FLASH_BANK_2 | FLASH_PAGE(page) | FLASH_ERASE;
    FLASH_CONTROL |= FLASH_START;
}

#include "cache.h"
