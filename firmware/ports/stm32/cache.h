/* The data cache of the flash, alike on the F4 and the L4. */
#define FLASH_ACR_DATA_CACHE (1u << 10)
#define FLASH_ACR_FORGET_DATA (1u << 12)

/* After an erase, which the cache does not notice. */
static void forget_cached(void) {
    FLASH_ACR &= ~FLASH_ACR_DATA_CACHE;
    FLASH_ACR |= FLASH_ACR_FORGET_DATA;
    FLASH_ACR &= ~FLASH_ACR_FORGET_DATA;
    FLASH_ACR |= FLASH_ACR_DATA_CACHE;
}
