#include "node.h"

#include "tml/features.h"

#include <string.h>

bool tml_node_init(tml_node_t *node, const tml_node_memory_t *memory,
                   const tml_block_device_t *storage, const tml_block_device_t *ram_log) {
    memset(node, 0, sizeof *node);
    node->memory = *memory;
    node->boot_id = tml_port_random();
    tml_port_device_id(node->device_id);
    if (memory->model->reset_state != NULL) {
        memory->model->reset_state(memory->state);
    }
    uint32_t log_id = tml_port_random();
    if (storage != NULL && tml_log_mount(&node->log, storage, log_id) == TML_LOG_OK) {
        node->persistent = true;
        return true;
    }
    return tml_log_mount(&node->log, ram_log, log_id) == TML_LOG_OK;
}

static uint32_t window_bytes(const tml_front_end_t *front_end) {
    return (uint32_t)front_end->window * front_end->channels * (uint32_t)sizeof(int16_t);
}

uint32_t tml_node_feed_bytes(const tml_node_t *node) {
    const tml_model_t *model = node->memory.model;
    if (model->front_end != NULL) {
        return window_bytes(model->front_end);
    }
    uint32_t total = 0;
    for (uint32_t i = 0; i < model->input_count; ++i) {
        total += model->inputs[i].bytes;
    }
    return total;
}

/* A piece of a fed window may end within a sample. */
static void put_sound(tml_node_sound_t *sound, uint32_t offset, const uint8_t *data,
                      uint32_t bytes) {
    if (offset == 0) {
        sound->reset(&sound->stream);
    }
    for (uint32_t i = 0; i < bytes; ++i) {
        if ((offset + i) % 2 == 0) {
            sound->low = data[i];
        } else {
            const int16_t sample = (int16_t)(uint16_t)(sound->low | data[i] << 8);
            sound->push(&sound->stream, &sample, 1);
        }
    }
}

void tml_node_put(tml_node_t *node, uint32_t offset, const uint8_t *data, uint32_t bytes) {
    const tml_model_t *model = node->memory.model;
    if (node->memory.sound != NULL) {
        put_sound(node->memory.sound, offset, data, bytes);
        return;
    }
    if (model->front_end != NULL) {
        memcpy(node->memory.window + offset, data, bytes);
        return;
    }
    uint32_t start = 0; /* of input i among the fed bytes */
    for (uint32_t i = 0; i < model->input_count && bytes > 0; ++i) {
        const tml_tensor_t *input = &model->inputs[i];
        if (offset < start + input->bytes) {
            uint32_t inside = offset - start;
            uint32_t count = bytes < input->bytes - inside ? bytes : input->bytes - inside;
            memcpy(node->memory.arena + input->arena_offset + inside, data, count);
            data += count;
            offset += count;
            bytes -= count;
        }
        start += input->bytes;
    }
}

/* How every record's content begins, CBOR: [boot id, monotonic ms, wall ms or null, ... */
static tml_cbor_writer_t begin_record(tml_node_t *node, uint32_t items, uint64_t monotonic_ms) {
    tml_cbor_writer_t writer = {node->record, sizeof node->record, 0, false};
    tml_cbor_array(&writer, items);
    tml_cbor_uint(&writer, node->boot_id);
    tml_cbor_uint(&writer, monotonic_ms);
    if (node->wall_base_ms != 0) {
        tml_cbor_uint(&writer, node->wall_base_ms + monotonic_ms);
    } else {
        tml_cbor_null(&writer);
    }
    return writer;
}

static tml_log_status_t end_record(tml_node_t *node, const tml_cbor_writer_t *writer,
                                   uint32_t *sequence) {
    if (writer->full) {
        return TML_LOG_TOO_LARGE;
    }
    return tml_log_append(&node->log, node->record, (uint32_t)writer->used, sequence);
}

/* Of an inference there follow: tag or null, inference us, first bytes of the model's hash, element
 * type, output]. */
static tml_log_status_t log_record(tml_node_t *node, int64_t tag, uint64_t monotonic_ms,
                                   uint64_t inference_us, uint32_t *sequence) {
    const tml_model_t *model = node->memory.model;
    const tml_tensor_t *output = &model->outputs[0];
    const uint32_t items = node->put_inputs != NULL ? 9 : 8;
    tml_cbor_writer_t writer = begin_record(node, items, monotonic_ms);
    if (tag >= 0) {
        tml_cbor_uint(&writer, (uint64_t)tag);
    } else {
        tml_cbor_null(&writer);
    }
    tml_cbor_uint(&writer, inference_us);
    tml_cbor_bytes(&writer, model->model_hash, TML_HASH_BYTES);
    tml_cbor_uint(&writer, output->dtype);
    tml_cbor_bytes(&writer, node->memory.arena + output->arena_offset, output->bytes);
    if (node->put_inputs != NULL) {
        node->put_inputs(&writer, &node->memory);
    }
    return end_record(node, &writer, sequence);
}

/* Of an event: its number, [integers ..., bytes where there are some]]. */
tml_log_status_t tml_node_event(tml_node_t *node, uint8_t event, const int32_t *values,
                                uint32_t count, const uint8_t *data, uint32_t bytes) {
    uint32_t sequence;
    tml_cbor_writer_t writer = begin_record(node, 5, tml_port_monotonic_ms());
    tml_cbor_uint(&writer, event);
    tml_cbor_array(&writer, count + (bytes > 0 ? 1u : 0u));
    for (uint32_t i = 0; i < count; ++i) {
        tml_cbor_int(&writer, values[i]);
    }
    if (bytes > 0) {
        tml_cbor_bytes(&writer, data, bytes);
    }
    return end_record(node, &writer, &sequence);
}

tml_log_status_t tml_node_infer(tml_node_t *node, int64_t tag, uint32_t *sequence) {
    const tml_node_memory_t *memory = &node->memory;
    const tml_model_t *model = memory->model;
    uint64_t monotonic_ms = tml_port_monotonic_ms();
    if (model->front_end != NULL && memory->sound == NULL) {
        int8_t *features = (int8_t *)memory->arena + model->inputs[0].arena_offset;
        const int16_t *samples = (const int16_t *)(const void *)memory->window;
        model->front_end->run(model->front_end, samples, features, memory->scratch);
    }
    uint64_t start_us = tml_port_monotonic_us();
    model->infer(memory->arena, memory->state);
    uint64_t inference_us = tml_port_monotonic_us() - start_us;
    return log_record(node, tag, monotonic_ms, inference_us, sequence);
}

uint32_t tml_node_kept_samples(const tml_node_t *node) {
    const bool overwritten = node->feed_offset > 0 || node->feed_id != node->sampled_feed;
    return overwritten ? 0 : node->sampled_kept;
}

static uint32_t window_samples(const tml_node_t *node) {
    const tml_node_sound_t *sound = node->memory.sound;
    return sound != NULL ? sound->window_samples : node->memory.model->front_end->window;
}

const uint8_t *tml_node_kept(const tml_node_t *node, uint32_t *count) {
    const tml_node_sound_t *sound = node->memory.sound;
    const uint32_t end = sound != NULL ? sound->slot : node->sampled_slot;
    const uint32_t all = window_samples(node);
    const uint32_t slot = (end + all - *count) % all;
    if (*count > all - slot) {
        *count = all - slot;
    }
    return node->memory.window +
           slot * node->memory.model->front_end->channels * (uint32_t)sizeof(int16_t);
}

static void keep(tml_node_t *node, const int16_t *sample) {
    const uint32_t bytes = node->memory.model->front_end->channels * (uint32_t)sizeof *sample;
    tml_node_sound_t *sound = node->memory.sound;
    const uint32_t slot = sound != NULL ? sound->slot : node->sampled_slot;
    memcpy(node->memory.window + slot * bytes, sample, bytes);
    if (node->sampled_kept < window_samples(node)) {
        ++node->sampled_kept;
    }
    if (sound == NULL) {
        return;
    }
    sound->slot = (slot + 1) % sound->window_samples;
    if (node->sampled_slot == 0) {
        sound->reset(&sound->stream);
    }
    sound->push(&sound->stream, sample, 1);
}

bool tml_node_sample(tml_node_t *node, const int16_t *sample) {
    const tml_front_end_t *front_end = node->memory.model->front_end;
    if (front_end == NULL) {
        return false;
    }
    ++node->sampled;
    if (node->feed_offset > 0 || node->feed_id != node->sampled_feed) {
        node->sampled_feed = node->feed_id;
        node->sampled_slot = 0;
        node->sampled_kept = 0;
        return false;
    }
    keep(node, sample);
    if (++node->sampled_slot == front_end->window) {
        node->sampled_slot = 0;
    }
    if (node->hop_ends != NULL ? !node->hop_ends(node) : node->sampled_slot > 0) {
        return false;
    }
    uint32_t sequence;
    return tml_node_infer(node, -1, &sequence) == TML_LOG_OK;
}

void tml_node_skip(tml_node_t *node, uint64_t samples) {
    node->sampled += samples;
    node->sampled_slot = 0;
    node->sampled_kept = 0;
}

tml_log_status_t tml_node_write_record(tml_node_t *node, uint32_t after, tml_cbor_writer_t *writer,
                                       uint32_t *sequence) {
    uint32_t bytes;
    tml_log_status_t status =
        tml_log_read(&node->log, after, node->record, sizeof node->record, &bytes, sequence);
    if (status == TML_LOG_OK) {
        tml_cbor_array(writer, 2);
        tml_cbor_uint(writer, *sequence);
        tml_cbor_encoded(writer, node->record, bytes);
    }
    return status;
}
