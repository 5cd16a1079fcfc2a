/* STM32F100, the value line: clocks, pins, USART and flash. Source: RM0041, PM0063. */
#define RCC_CR REGISTER(0x40021000u)
#define RCC_CR_STARTED (1u << 1) /* the oscillator it starts on, HSI, is ready */
#define RCC_CR_PLL_ON (1u << 24)
#define RCC_CR_PLL_READY (1u << 25)
#define RCC_CFGR REGISTER(0x40021004u)
#define RCC_CFGR_PLL_TIMES_6 (4u << 18) /* of half the internal oscillator */
#define RCC_CFGR_USE_PLL 2u
#define RCC_CFGR_USES_PLL (2u << 2)
#define RCC_APB2_ENABLE REGISTER(0x40021018u)
#define RCC_GPIOA (1u << 2)
#define RCC_USART1 (1u << 14)
#define GPIOA_HIGH REGISTER(0x40010804u) /* pins 8 to 15 */

#define UART_STATUS REGISTER(TML_STM32_UART + 0x00u)
#define UART_RECEIVED (1u << 5)
#define UART_TRANSMIT_EMPTY (1u << 7)
#define UART_RECEIVE_DATA REGISTER(TML_STM32_UART + 0x04u)
#define UART_TRANSMIT_DATA UART_RECEIVE_DATA
#define UART_DIVIDER REGISTER(TML_STM32_UART + 0x08u)
#define UART_CONTROL REGISTER(TML_STM32_UART + 0x0Cu)
#define UART_CONTROL_ON ((1u << 13) | (1u << 3) | (1u << 2))
#define UART_RECEIVE_INTERRUPT (1u << 5)

#define FLASH_KEY REGISTER(0x40022004u)
#define FLASH_STATUS REGISTER(0x4002200Cu)
#define FLASH_BUSY 1u
#define FLASH_CONTROL REGISTER(0x40022010u)
#define FLASH_ADDRESS REGISTER(0x40022014u)
#define FLASH_LOCK (1u << 7)
#define FLASH_START (1u << 6)
#define FLASH_ERASE 2u
#define FLASH_PROGRAM 1u
#define FLASH_UNIT_BYTES 2u
#define FLASH_PROGRAM_BYTES 4u
typedef uint16_t flash_unit_t;

#define UNIQUE_ID 0x1FFFF7E8u

/* From the internal oscillator: 8 MHz / 2 * 6. */
_Static_assert(TML_CLOCK_HZ == 8000000u / 2u * 6u, "what start_clock sets");
static void start_clock(void) {
    RCC_CFGR = RCC_CFGR_PLL_TIMES_6;
    RCC_CR |= RCC_CR_PLL_ON;
    while (!(RCC_CR & RCC_CR_PLL_READY)) {
    }
    RCC_CFGR = RCC_CFGR_PLL_TIMES_6 | RCC_CFGR_USE_PLL;
    while (!(RCC_CFGR & RCC_CFGR_USES_PLL)) {
    }
}

/* USART1 on PA9 (output, alternate function) and PA10 (input). */
static void connect_uart(void) {
    RCC_APB2_ENABLE |= RCC_GPIOA | RCC_USART1;
    GPIOA_HIGH = (GPIOA_HIGH & ~0xFF0u) | 0x4B0u;
    UART_DIVIDER = TML_CLOCK_HZ / UART_BAUD;
}

static void unlock_flash(void) {
    FLASH_KEY = 0x45670123u;
    FLASH_KEY = 0xCDEF89ABu;
}

static void begin_program(void) {
    FLASH_CONTROL = FLASH_PROGRAM;
}

static void erase_block(uint32_t offset) {
    FLASH_CONTROL = FLASH_ERASE;
    FLASH_ADDRESS = TML_STORAGE + offset;
    FLASH_CONTROL = FLASH_ERASE | FLASH_START;
}

/* Its flash has no cache. */
static void forget_cached(void) {
}
