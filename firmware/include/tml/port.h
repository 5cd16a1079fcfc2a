/* What a board must offer to the node application: the whole of it.
 *
 * A port implements these functions for a family of boards, in firmware/ports/<family>/; the linker
 * picks it. firmware/ports/host/ is the same on POSIX, so that the application also runs as a
 * native program; firmware/ports/template/ is where a new port starts.
 *
 * Nothing here is called from an interrupt, and nothing here may be. Unless said otherwise a
 * function returns at once. */
#ifndef TML_PORT_H
#define TML_PORT_H

#include "tml/block_device.h"

#include <stddef.h>
#include <stdint.h>

#define TML_DEVICE_ID_BYTES 8u

/* Clocks, UART, timer. Called once, first. `argc` and `argv` are main's: the host port takes its
 * serial device and storage file from there; on a board start-up calls main(0, NULL). */
void tml_port_init(int argc, char **argv);

/* Up to `capacity` bytes that have arrived; returns how many, 0 where there are none. A byte that
 * is not fetched within one character time may be lost on UARTs without a FIFO. */
size_t tml_port_uart_read(uint8_t *data, size_t capacity);

/* Sends all `bytes`; waits while the UART's buffer is full. */
void tml_port_uart_write(const uint8_t *data, size_t bytes);

/* Time since reset. Never goes back and does not wrap in the life of the board. Must be asked at
 * least once a minute, where the hardware counter is narrow; tml_port_idle does so. */
uint64_t tml_port_monotonic_us(void);
uint64_t tml_port_monotonic_ms(void);

/* Sleeps until a byte arrives or about `max_ms` have passed. May return early for any reason, so
 * call it in a loop that looks for work. */
void tml_port_idle(uint32_t max_ms);

/* Restarts as from the reset pin: memory is set up anew, storage keeps its content. Does not
 * return. */
__attribute__((noreturn)) void tml_port_reset(void);

/* 32 bits that differ from boot to boot and from board to board, for boot ids. Not for secrets. */
uint32_t tml_port_random(void);

/* This board's unique number, the same at every boot. */
void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]);

/* Storage that survives a reset, or NULL where the board has none. */
const tml_block_device_t *tml_port_storage(void);

#endif
