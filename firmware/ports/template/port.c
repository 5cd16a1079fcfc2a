/* Where a new port starts: copy this folder, and fill in what each function promises in
 * tml/port.h. It compiles and links as it stands, does nothing, and needs no hardware; a board with
 * it runs the bench application at once, because that needs no more than start-up. */
#include "tml/port.h"

/* Clocks first, then the UART at 115200 8N1, then a timer. */
void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
}

/* Without a FIFO in the UART, receive by interrupt into a ring buffer, and copy from it here. */
size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    (void)data;
    (void)capacity;
    return 0;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    (void)data;
    (void)bytes;
}

/* A counter that wraps must be widened to 64 bits here. */
uint64_t tml_port_monotonic_us(void) {
    return 0;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

/* Returning at once is right, but costs power: wait for an interrupt instead. */
void tml_port_idle(uint32_t max_ms) {
    (void)max_ms;
}

_Noreturn void tml_port_reset(void) {
    for (;;) {
    }
}

/* A random number generator, or the noise of an ADC, or a count of boots in storage. */
uint32_t tml_port_random(void) {
    return 0;
}

/* Most microcontrollers carry a unique number in a system register. */
void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        id[i] = 0;
    }
}

/* Flash pages that the image does not use; NULL makes the node keep its log in RAM. */
const tml_block_device_t *tml_port_storage(void) {
    return NULL;
}
