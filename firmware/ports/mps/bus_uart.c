/* The second UART of Arm's MPS boards, for a sensor. Source: Arm DDI 0479 (CMSDK), APB UART. */
#include "bus_mps.h"

#if TML_BUS_HAS_UART

#include "../common/ring.h"
#include "../cortex_m/core.h"
#include "tml/port.h"

#define DATA REGISTER(TML_MPS_PART_UART + 0x00u)
#define STATE REGISTER(TML_MPS_PART_UART + 0x04u)
#define CONTROL REGISTER(TML_MPS_PART_UART + 0x08u)
#define INTERRUPT REGISTER(TML_MPS_PART_UART + 0x0Cu)
#define DIVIDER REGISTER(TML_MPS_PART_UART + 0x10u)
#define TRANSMIT_FULL 1u
#define RECEIVE_FULL 2u
#define RECEIVED 2u
#define ENABLED (1u | 2u | 8u) /* transmit, receive, receive interrupt */

static tml_ring_t ring;

/* What comes while the ring is full is lost, as on a part's line nobody can ask it to wait. */
static void receive(void) {
    INTERRUPT = RECEIVED;
    while (STATE & RECEIVE_FULL) {
        const uint8_t byte = (uint8_t)DATA;
        if (!tml_ring_is_full(&ring)) {
            tml_ring_put(&ring, byte);
        }
    }
}

/* The port itself takes no interrupts. */
TML_IRQ_VECTORS static const tml_vector_t interrupts[] = {
    [TML_MPS_PART_UART_RECEIVE_IRQ] = receive,
};

void tml_mps_uart_begin(const tml_bus_place_t *place) {
    DIVIDER = TML_CLOCK_HZ / place->hz;
    CONTROL = ENABLED;
    (void)DATA; /* without this read an emulated UART may never receive */
    INTERRUPT = RECEIVED;
    NVIC_ENABLE(TML_MPS_PART_UART_RECEIVE_IRQ) = NVIC_BIT(TML_MPS_PART_UART_RECEIVE_IRQ);
}

int32_t tml_mps_uart_read(void *context, uint8_t *data, uint32_t capacity) {
    (void)context;
    return (int32_t)tml_ring_take(&ring, data, capacity);
}

tml_bus_status_t tml_mps_uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                    uint32_t limit_us) {
    (void)context;
    const uint64_t begun_us = tml_port_monotonic_us();
    for (uint32_t i = 0; i < bytes; ++i) {
        while (STATE & TRANSMIT_FULL) {
            if (tml_port_monotonic_us() - begun_us >= limit_us) {
                return TML_BUS_TIMEOUT;
            }
        }
        DATA = data[i];
    }
    return TML_BUS_OK;
}

#endif
