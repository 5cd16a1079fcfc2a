/* What a debug probe puts into an nRF51's RAM to write its flash: one page a call, through the
 * flash controller. Source: nRF51 Series Reference Manual, NVMC. */
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define READY REGISTER(0x4001E400u)
#define MODE REGISTER(0x4001E504u)
#define ERASE_PAGE REGISTER(0x4001E508u)

enum { READ, WRITE, ERASE, PAGE_WORDS = 256 };

volatile uint32_t page_address;
volatile uint32_t page_words[PAGE_WORDS];

void program(void);
void finished(void);

static void wait(void) {
    while (!READY) {
    }
}

void program(void) {
    for (;;) {
        MODE = ERASE;
        wait();
        ERASE_PAGE = page_address;
        wait();
        MODE = WRITE;
        wait();
        for (uint32_t i = 0; i < PAGE_WORDS; i++) {
            REGISTER(page_address + 4 * i) = page_words[i];
            wait();
        }
        MODE = READ;
        wait();
        finished();
    }
}

__attribute__((noinline)) void finished(void) {
    __asm volatile("" ::: "memory");
}
