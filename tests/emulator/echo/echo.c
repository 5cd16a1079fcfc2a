/* Sends back whatever arrives; the first byte after a reset is the storage's first. */
#include "tml/port.h"

int main(int argc, char **argv) {
    tml_port_init(argc, argv);
    const tml_block_device_t *storage = tml_port_storage();
    uint8_t buffer[64];
    storage->read(storage->context, 0, buffer, 4);
    const uint8_t mark[4] = {'S', 0, 0, 0};
    storage->erase(storage->context, 0, storage->erase_bytes);
    storage->program(storage->context, 0, mark, sizeof mark);
    tml_port_uart_write(buffer, 1);
    for (;;) {
        const size_t count = tml_port_uart_read(buffer, sizeof buffer);
        tml_port_uart_write(buffer, count);
        for (size_t i = 0; i < count; i++) {
            if (buffer[i] == 0x04) {
                tml_port_reset();
            }
        }
        if (count == 0) {
            tml_port_idle(100);
        }
    }
}
