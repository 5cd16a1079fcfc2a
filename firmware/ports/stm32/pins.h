/* Pins of the families whose GPIO has alternate functions by number. GPIO_BASE is port A's. */

/* A pin to its alternate function. */
static void connect_pin(uint32_t port, uint32_t pin) {
    const uint32_t base = GPIO_BASE + 0x400u * port;
    RCC_GPIO_ENABLE |= 1u << port;
    volatile uint32_t *const function = (volatile uint32_t *)(base + 0x20u + 4u * (pin / 8u));
    *function = (*function & ~(15u << 4u * (pin % 8u))) | (TML_STM32_FUNCTION << 4u * (pin % 8u));
    volatile uint32_t *const mode = (volatile uint32_t *)base;
    *mode = (*mode & ~(3u << 2u * pin)) | (2u << 2u * pin);
}
