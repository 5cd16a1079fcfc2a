/* What the port's buses share. */
#ifndef TML_MPS_BUS_H
#define TML_MPS_BUS_H

#include "tml/bus.h"

#include "bus_select.h"

#include TML_BOARD_HEADER

/* Members of a tml_bus_t for the second UART. */
void tml_mps_uart_begin(const tml_bus_place_t *place);
int32_t tml_mps_uart_read(void *context, uint8_t *data, uint32_t capacity);
tml_bus_status_t tml_mps_uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                    uint32_t limit_us);

#endif
