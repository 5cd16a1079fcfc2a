/* The node's memory and its loop. */
#include "model_select.h"
#include "node.h"
#include "ram_device.h"
#include "tml/frame.h"

#include <stddef.h>

#define IDLE_MS 1000u
#define LAST_BYTES_MS 20u /* for an answer to leave the UART before a reset */
#ifndef TML_NODE_RAM_LOG_BYTES
#define TML_NODE_RAM_LOG_BYTES 8192u
#endif
#define RAM_LOG_BLOCK_BYTES (TML_NODE_RAM_LOG_BYTES / 4u)

/* A model may need none of some; C has no arrays of no elements. */
#define AT_LEAST_ONE(bytes) ((bytes) > 0u ? (bytes) : 1u)

static _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
static _Alignas(TML_ARENA_ALIGN) uint8_t state[AT_LEAST_ONE(TML_MODEL_STATE_BYTES)];
static _Alignas(4) uint8_t window[AT_LEAST_ONE(TML_MODEL_WINDOW_BYTES)];
static _Alignas(4) uint8_t scratch[AT_LEAST_ONE(TML_MODEL_SCRATCH_BYTES)];
static uint8_t ram_log[TML_NODE_RAM_LOG_BYTES];
static uint8_t packet[TML_NODE_MESSAGE_BYTES];
static uint8_t answer[TML_NODE_MESSAGE_BYTES];
static tml_node_t node;

static void serve(const tml_smp_server_t *server, const tml_message_t *message) {
    uint32_t bytes = tml_smp_answer(server, message->data, message->bytes, answer,
                                    sizeof answer - TML_FRAME_OVERHEAD_BYTES);
    if (bytes > 0) {
        tml_frame_send(answer, bytes, tml_port_uart_write);
    }
    if (node.reset_requested) {
        uint64_t sent_ms = tml_port_monotonic_ms();
        while (tml_port_monotonic_ms() - sent_ms < LAST_BYTES_MS) {
            tml_port_idle(1);
        }
        tml_port_reset();
    }
}

int main(int argc, char **argv) {
    tml_port_init(argc, argv);
    const tml_node_memory_t memory = {&TML_MODEL, arena, TML_MODEL_STATE_BYTES > 0 ? state : NULL,
                                      window, scratch};
    const tml_block_device_t ram_device =
        tml_ram_device(ram_log, sizeof ram_log, RAM_LOG_BLOCK_BYTES);
    if (!tml_node_init(&node, &memory, tml_port_storage(), &ram_device)) {
        tml_port_reset();
    }
    const tml_smp_server_t server = tml_node_server(&node);
    tml_frame_decoder_t decoder;
    tml_frame_decoder_init(&decoder, packet, sizeof packet);
    for (;;) {
        uint8_t received[64];
        size_t count = tml_port_uart_read(received, sizeof received);
        if (count == 0) {
            tml_port_idle(IDLE_MS);
        }
        for (size_t i = 0; i < count; ++i) {
            tml_message_t message;
            if (tml_frame_put(&decoder, received[i], &message)) {
                serve(&server, &message);
            }
        }
    }
}
