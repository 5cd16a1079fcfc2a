#include "tml/service.h"

#include "model_select.h"
#include "node.h"
#include "ram_device.h"
#include "tml/event.h"
#include "tml/features.h"
#include "tml/frame.h"
#include "tml/sampler.h"

#include <stddef.h>

#define LAST_BYTES_MS 20u /* for an answer to leave the UART before a reset */
#ifndef TML_NODE_RAM_LOG_BYTES
#define TML_NODE_RAM_LOG_BYTES (8u * TML_NODE_MESSAGE_BYTES)
#endif
#define RAM_LOG_BLOCK_BYTES (TML_NODE_RAM_LOG_BYTES / 4u)
#define NO_TAG (-1)

/* A model may need none of some; C has no arrays of no elements. */
#define AT_LEAST_ONE(bytes) ((bytes) > 0u ? (bytes) : 1u)

static _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
static _Alignas(TML_ARENA_ALIGN) uint8_t state[AT_LEAST_ONE(TML_MODEL_STATE_BYTES)];
static _Alignas(4) uint8_t window[AT_LEAST_ONE(TML_MODEL_WINDOW_BYTES)];
static _Alignas(8) uint8_t scratch[AT_LEAST_ONE(TML_MODEL_SCRATCH_BYTES)];
#if TML_MODEL_SPAN_BYTES > 0
static int16_t span[TML_MODEL_SPAN_BYTES / sizeof(int16_t)];
static tml_node_sound_t sound;
#endif
static uint8_t ram_log[AT_LEAST_ONE(TML_NODE_RAM_LOG_BYTES)];
static uint8_t packet[TML_NODE_MESSAGE_BYTES]; /* a request, then its answer */
static tml_block_device_t ram_device;          /* the log keeps its address */
static tml_frame_decoder_t decoder;
static tml_node_t node;

/* Of the node's own sensor; linked in where it has one. */
static struct {
    tml_sampler_t sampler;
    uint64_t missed; /* samples that nobody read in time */
    uint64_t failed; /* readings that the sensor did not give */
} sampling;

uint8_t *tml_service_arena(void) {
    return arena;
}

uint8_t *tml_service_state(void) {
    return TML_MODEL_STATE_BYTES > 0 ? state : NULL;
}

/* Linked in where the front end is one of sounds. */
static tml_node_sound_t *begin_sound(void) {
#if TML_MODEL_SPAN_BYTES > 0
    const tml_front_end_t *front_end = TML_MODEL.front_end;
    sound = (tml_node_sound_t){
        .stream = {.front_end = front_end,
                   .samples = span,
                   .features = (int8_t *)arena + TML_MODEL.inputs[0].arena_offset,
                   .scratch = scratch,
                   .hop = front_end->hop},
        .reset = tml_stream_reset,
        .push = tml_stream_push,
        .window_samples = sizeof window / sizeof(int16_t),
    };
    return &sound;
#else
    return NULL;
#endif
}

bool tml_service_begin(void) {
    const tml_node_memory_t memory = {&TML_MODEL, arena,   tml_service_state(),
                                      window,     scratch, begin_sound()};
    ram_device = tml_ram_device(ram_log, sizeof ram_log, RAM_LOG_BLOCK_BYTES);
    tml_frame_decoder_init(&decoder, packet, sizeof packet);
    return tml_node_init(&node, &memory, tml_port_storage(), &ram_device);
}

void tml_service_simulates(void) {
    node.simulated = true;
}

void tml_service_records_inputs(void) {
    node.put_inputs = tml_node_put_inputs;
}

void tml_service_hops(uint32_t samples) {
    node.hop = samples;
    node.hop_filled = samples - 1u;
    node.hop_ends = tml_node_hop_ends;
}

static void put_count(tml_cbor_writer_t *answer, const TML_FLASH char *key, uint64_t count) {
    if (count > 0) { /* an answer is short of space */
        tml_cbor_key(answer, key);
        tml_cbor_uint(answer, count);
    }
}

static void put_sampling(tml_cbor_writer_t *answer) {
    put_count(answer, TML_TEXT("sample_period_us"), sampling.sampler.period_us);
    put_count(answer, TML_TEXT("missed_samples"), sampling.missed);
    put_count(answer, TML_TEXT("failed_readings"), sampling.failed);
}

void tml_service_sample_every(uint64_t period_us, uint32_t buffered) {
    sampling.sampler = tml_sampler_begin(period_us, buffered, tml_port_monotonic_us());
    node.put_sampling = put_sampling;
}

bool tml_service_due(void) {
    uint64_t missed;
    const bool due = tml_sampler_due(&sampling.sampler, tml_port_monotonic_us(), &missed);
    if (missed > 0) {
        sampling.missed += missed;
        tml_node_skip(&node, missed);
    }
    return due;
}

void tml_service_failed(void) {
    ++sampling.failed;
    tml_node_skip(&node, 1);
}

void tml_service_idle(uint32_t longest_ms) {
    const uint64_t wait_ms =
        tml_sampler_wait_us(&sampling.sampler, tml_port_monotonic_us()) / 1000u;
    if (wait_ms > 0) {
        tml_port_idle(wait_ms < longest_ms ? (uint32_t)wait_ms : longest_ms);
    }
}

uint64_t tml_service_sampled(void) {
    return node.sampled;
}

uint32_t tml_service_boot_id(void) {
    return node.boot_id;
}

static void serve(const tml_message_t *message) {
    const tml_smp_server_t server = tml_node_server(&node);
    uint8_t *answer = packet + (message->data - packet);
    uint32_t bytes = tml_smp_answer(&server, message->data, message->bytes, answer,
                                    sizeof packet - TML_FRAME_OVERHEAD_BYTES);
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

bool tml_service_poll(void) {
    uint8_t received[16]; /* a small board has a small stack */
    size_t count = tml_port_uart_read(received, sizeof received);
    for (size_t i = 0; i < count; ++i) {
        tml_message_t message;
        if (tml_frame_put(&decoder, received[i], &message)) {
            serve(&message);
        }
    }
    return count > 0;
}

bool tml_service_infer(const void *inputs) {
    uint32_t sequence;
    if (node.feed_offset > 0) {
        return false;
    }
    node.sampled_kept = 0; /* what comes takes their place */
    node.sampled_slot = 0;
    tml_node_put(&node, 0, inputs, tml_node_feed_bytes(&node));
    return tml_node_infer(&node, NO_TAG, &sequence) == TML_LOG_OK;
}

bool tml_service_event(tml_event_t event, const int32_t *values, uint32_t count,
                       const uint8_t *data, uint32_t bytes) {
    return tml_node_event(&node, (uint8_t)event, values, count, data, bytes) == TML_LOG_OK;
}

bool tml_service_sample(const int16_t *sample) {
    return tml_node_sample(&node, sample);
}

const void *tml_service_output(void) {
    return arena + TML_MODEL.outputs[0].arena_offset;
}
