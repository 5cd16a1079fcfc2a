/* STM32F405 and STM32F446: clocks, pins, USART and flash.
 * Source: RM0090 (F405) and RM0390 (F446). */
#define RCC_CR REGISTER(0x40023800u)
#define RCC_CR_STARTED (1u << 1) /* the oscillator it starts on, HSI, is ready */
#define RCC_CR_PLL_ON (1u << 24)
#define RCC_CR_PLL_READY (1u << 25)
#define RCC_PLL REGISTER(0x40023804u)
#define RCC_CFGR REGISTER(0x40023808u)
#define RCC_CFGR_SETTING ((5u << 10) | (4u << 13)) /* APB1 a quarter, APB2 half of the core's */
#define RCC_CFGR_USE_PLL 2u
#define RCC_CFGR_USES_PLL (2u << 2)
#define RCC_GPIO_ENABLE REGISTER(0x40023830u)
#define RCC_APB1_ENABLE REGISTER(0x40023840u)
#define RCC_APB2_ENABLE REGISTER(0x40023844u)

#define UART_STATUS REGISTER(TML_STM32_UART + 0x00u)
#define UART_RECEIVED (1u << 5)
#define UART_TRANSMIT_EMPTY (1u << 7)
#define UART_RECEIVE_DATA REGISTER(TML_STM32_UART + 0x04u)
#define UART_TRANSMIT_DATA UART_RECEIVE_DATA
#define UART_DIVIDER REGISTER(TML_STM32_UART + 0x08u)
#define UART_CONTROL REGISTER(TML_STM32_UART + 0x0Cu)
#define UART_CONTROL_ON ((1u << 13) | (1u << 3) | (1u << 2))
#define UART_RECEIVE_INTERRUPT (1u << 5)

#define FLASH_ACR REGISTER(0x40023C00u)
#define FLASH_ACR_FAST ((7u << 8) | 5u) /* both caches, prefetch, five wait states */
#define FLASH_KEY REGISTER(0x40023C04u)
#define FLASH_STATUS REGISTER(0x40023C0Cu)
#define FLASH_BUSY (1u << 16)
#define FLASH_CONTROL REGISTER(0x40023C10u)
#define FLASH_LOCK (1u << 31)
#define FLASH_START (1u << 16)
#define FLASH_32_BITS (2u << 8)
#define FLASH_PROGRAM 1u
#define FLASH_ERASE 2u
#define FLASH_SECTOR(number) ((number) << 3)
#define FLASH_UNIT_BYTES 4u
#define FLASH_PROGRAM_BYTES 4u
typedef uint32_t flash_unit_t;

#define UNIQUE_ID 0x1FFF7A10u

/* From the internal oscillator: 16 MHz / 16 * 336 / 2. */
_Static_assert(TML_CLOCK_HZ == 16000000u / 16u * 336u / 2u, "what start_clock sets");
static void start_clock(void) {
    FLASH_ACR = FLASH_ACR_FAST;
    RCC_PLL = (7u << 24) | (336u << 6) | 16u;
    RCC_CFGR = RCC_CFGR_SETTING;
    RCC_CR |= RCC_CR_PLL_ON;
    while (!(RCC_CR & RCC_CR_PLL_READY)) {
    }
    RCC_CFGR = RCC_CFGR_SETTING | RCC_CFGR_USE_PLL;
    while (!(RCC_CFGR & RCC_CFGR_USES_PLL)) {
    }
}

#define GPIO_BASE 0x40020000u
#include "pins.h"

static void connect_uart(void) {
#if TML_STM32_UART >= 0x40010000u
    RCC_APB2_ENABLE |= TML_STM32_UART_ENABLE;
    UART_DIVIDER = TML_CLOCK_HZ / 2u / UART_BAUD;
#else
    RCC_APB1_ENABLE |= TML_STM32_UART_ENABLE;
    UART_DIVIDER = TML_CLOCK_HZ / 4u / UART_BAUD;
#endif
    connect_pin(TML_STM32_TRANSMIT);
    connect_pin(TML_STM32_RECEIVE);
}

static void unlock_flash(void) {
    FLASH_KEY = 0x45670123u;
    FLASH_KEY = 0xCDEF89ABu;
}

static void begin_program(void) {
    FLASH_CONTROL = FLASH_32_BITS | FLASH_PROGRAM;
}

static void erase_block(uint32_t offset) {
    const uint32_t sector = TML_STM32_STORAGE_SECTOR + offset / TML_STM32_ERASE_BYTES;
    FLASH_CONTROL = FLASH_32_BITS | FLASH_ERASE | FLASH_SECTOR(sector);
    FLASH_CONTROL |= FLASH_START;
}

#include "cache.h"
