/* What a host may ask of a node; docs/LINK.md is the same for people. */
#include "node.h"

#include "tml/features.h"

static void put_tensors(tml_cbor_writer_t *answer, const TML_FLASH char *key,
                        const tml_tensor_t *tensors, uint32_t count) {
    tml_cbor_key(answer, key);
    tml_cbor_array(answer, count);
    for (uint32_t i = 0; i < count; ++i) {
        const tml_tensor_t *tensor = &tensors[i];
        tml_cbor_array(answer, 4);
        tml_cbor_uint(answer, tensor->dtype);
        tml_cbor_float(answer, tensor->scale);
        tml_cbor_int(answer, tensor->zero_point);
        tml_cbor_array(answer, tensor->rank);
        for (uint32_t axis = 0; axis < tensor->rank; ++axis) {
            tml_cbor_uint(answer, tensor->dims[axis]);
        }
    }
}

static void put_uint(tml_cbor_writer_t *answer, const TML_FLASH char *key, uint64_t value) {
    tml_cbor_key(answer, key);
    tml_cbor_uint(answer, value);
}

static void put_wall_time(tml_cbor_writer_t *answer, const tml_node_t *node, uint64_t now_ms) {
    tml_cbor_key(answer, TML_TEXT("wall_ms"));
    if (node->wall_base_ms != 0) {
        tml_cbor_uint(answer, node->wall_base_ms + now_ms);
    } else {
        tml_cbor_null(answer);
    }
}

static tml_smp_status_t info(void *context, const tml_smp_request_t *request,
                             tml_cbor_writer_t *answer) {
    (void)request;
    const tml_node_t *node = context;
    const tml_model_t *model = node->memory.model;
    const tml_front_end_t *front_end = model->front_end;
    uint64_t now_ms = tml_port_monotonic_ms();
    tml_cbor_open_map(answer);
    put_uint(answer, TML_TEXT("protocol"), TML_NODE_PROTOCOL);
    tml_cbor_key(answer, TML_TEXT("version"));
    tml_cbor_key(answer, TML_TEXT(TML_FIRMWARE_VERSION));
    tml_cbor_key(answer, TML_TEXT("device_id"));
    tml_cbor_bytes(answer, node->device_id, sizeof node->device_id);
    put_uint(answer, TML_TEXT("boot_id"), node->boot_id);
    put_uint(answer, TML_TEXT("log_id"), node->log.log_id);
    tml_cbor_key(answer, TML_TEXT("persistent"));
    tml_cbor_bool(answer, node->persistent);
    if (node->simulated) { /* left out elsewhere: a small board's answers are short of space */
        tml_cbor_key(answer, TML_TEXT("simulated"));
        tml_cbor_bool(answer, true);
    }
    if (node->put_sampling != NULL) {
        node->put_sampling(answer);
    }
    put_uint(answer, TML_TEXT("first_sequence"), node->log.first_sequence);
    put_uint(answer, TML_TEXT("last_sequence"), node->log.end.sequence - 1);
    put_uint(answer, TML_TEXT("monotonic_ms"), now_ms);
    put_wall_time(answer, node, now_ms);
    tml_cbor_key(answer, TML_TEXT("model"));
    tml_cbor_text(answer, model->name);
    tml_cbor_key(answer, TML_TEXT("model_hash"));
    tml_cbor_bytes(answer, model->model_hash, TML_HASH_BYTES);
    put_uint(answer, TML_TEXT("labels"), model->label_count);
    put_uint(answer, TML_TEXT("window"), front_end == NULL ? 0 : front_end->window);
    put_uint(answer, TML_TEXT("channels"), front_end == NULL ? 0 : front_end->channels);
    put_uint(answer, TML_TEXT("feed_bytes"), tml_node_feed_bytes(node));
    put_tensors(answer, TML_TEXT("inputs"), model->inputs, model->input_count);
    put_tensors(answer, TML_TEXT("outputs"), model->outputs, model->output_count);
    tml_cbor_end(answer);
    return TML_SMP_OK;
}

static tml_smp_status_t status_of(tml_log_status_t status) {
    return status == TML_LOG_OK          ? TML_SMP_OK
           : status == TML_LOG_TOO_LARGE ? TML_SMP_TOO_LARGE
                                         : TML_SMP_UNKNOWN;
}

/* How far the feed is and, once it is complete, the record that came of it. A host that missed this
 * answer sends the last piece again and gets it again, without a second inference. */
static tml_smp_status_t answer_feed(tml_node_t *node, tml_cbor_writer_t *answer) {
    tml_cbor_open_map(answer);
    put_uint(answer, TML_TEXT("off"), node->fed ? tml_node_feed_bytes(node) : node->feed_offset);
    if (node->fed) {
        uint32_t sequence;
        tml_cbor_key(answer, TML_TEXT("record"));
        tml_log_status_t status =
            tml_node_write_record(node, node->feed_sequence - 1, answer, &sequence);
        if (status != TML_LOG_OK) {
            return status_of(status);
        }
    }
    tml_cbor_end(answer);
    return TML_SMP_OK;
}

static tml_smp_status_t feed(void *context, const tml_smp_request_t *request,
                             tml_cbor_writer_t *answer) {
    tml_node_t *node = context;
    tml_cbor_item_t data;
    uint64_t id, offset, tag = 0;
    uint32_t total = tml_node_feed_bytes(node);
    if (!tml_smp_uint(request, "id", UINT32_MAX, &id) ||
        !tml_smp_uint(request, "off", total, &offset) ||
        !tml_cbor_find(request->data, request->bytes, "data", &data) ||
        data.type != TML_CBOR_BYTES || data.value > total - offset) {
        return TML_SMP_INVALID;
    }
    bool tagged = tml_smp_uint(request, "tag", UINT32_MAX, &tag);
    if (node->fed && node->feed_id == id) {
        return answer_feed(node, answer);
    }
    if (node->feed_id != id || node->fed) {
        node->feed_id = (uint32_t)id;
        node->feed_offset = 0;
        node->fed = false;
    }
    if (offset != node->feed_offset) { /* a piece that came twice, or one was lost: says where */
        return answer_feed(node, answer);
    }
    tml_node_put(node, (uint32_t)offset, data.data, (uint32_t)data.value);
    node->feed_offset += (uint32_t)data.value;
    if (node->feed_offset == total) {
        node->feed_offset = 0;
        tml_log_status_t status =
            tml_node_infer(node, tagged ? (int64_t)tag : -1, &node->feed_sequence);
        if (status != TML_LOG_OK) {
            return status_of(status);
        }
        node->fed = true;
    }
    return answer_feed(node, answer);
}

static tml_smp_status_t records(void *context, const tml_smp_request_t *request,
                                tml_cbor_writer_t *answer) {
    tml_node_t *node = context;
    uint64_t after;
    uint32_t sequence = 0;
    if (!tml_smp_uint(request, "after", UINT32_MAX, &after)) {
        return TML_SMP_INVALID;
    }
    tml_cbor_open_map(answer);
    put_uint(answer, TML_TEXT("log_id"), node->log.log_id);
    put_uint(answer, TML_TEXT("last_sequence"), node->log.end.sequence - 1);
    tml_cbor_key(answer, TML_TEXT("records"));
    tml_cbor_open_array(answer);
    answer->capacity -= 2; /* for the two ends */
    tml_log_status_t status = TML_LOG_OK;
    uint32_t count = 0;
    while (status == TML_LOG_OK) {
        size_t before = answer->used;
        status = tml_node_write_record(node, (uint32_t)after, answer, &sequence);
        if (answer->full) {
            answer->used = before;
            answer->full = count == 0; /* not even one: an error */
            break;
        }
        after = sequence;
        ++count;
    }
    answer->capacity += 2;
    tml_cbor_end(answer);
    tml_cbor_end(answer);
    return status < 0 ? status_of(status) : TML_SMP_OK;
}

/* Bytes of an answer beside its samples: keys, numbers, the ends. */
#define SAMPLES_KEYS_BYTES 72u

/* The node's own samples from number `after` on, as far as they are still in the window, which is a
 * ring of them, and as many as fit in one piece of it. */
static tml_smp_status_t samples(void *context, const tml_smp_request_t *request,
                                tml_cbor_writer_t *answer) {
    const tml_node_t *node = context;
    const tml_front_end_t *front_end = node->memory.model->front_end;
    uint64_t after;
    if (front_end == NULL || answer->capacity <= SAMPLES_KEYS_BYTES ||
        !tml_smp_uint(request, "after", UINT64_MAX / 2, &after)) {
        return TML_SMP_INVALID;
    }
    const uint32_t kept = tml_node_kept_samples(node);
    const uint32_t bytes = front_end->channels * (uint32_t)sizeof(int16_t);
    const uint64_t oldest = node->sampled - kept;
    const uint64_t first = after < oldest ? oldest : after > node->sampled ? node->sampled : after;
    uint32_t count = (uint32_t)(node->sampled - first);
    const uint8_t *data = tml_node_kept(node, &count);
    const uint32_t space = ((uint32_t)answer->capacity - SAMPLES_KEYS_BYTES) / bytes;
    if (count > space) {
        count = space;
    }
    tml_cbor_map(answer, 4);
    put_uint(answer, TML_TEXT("first"), first);
    put_uint(answer, TML_TEXT("sampled"), node->sampled);
    put_uint(answer, TML_TEXT("monotonic_ms"), tml_port_monotonic_ms());
    tml_cbor_key(answer, TML_TEXT("data"));
    tml_cbor_bytes(answer, data, count * bytes);
    return TML_SMP_OK;
}

static tml_smp_status_t get_time(void *context, const tml_smp_request_t *request,
                                 tml_cbor_writer_t *answer) {
    (void)request;
    const tml_node_t *node = context;
    uint64_t now_ms = tml_port_monotonic_ms();
    tml_cbor_map(answer, 2);
    put_uint(answer, TML_TEXT("monotonic_ms"), now_ms);
    put_wall_time(answer, node, now_ms);
    return TML_SMP_OK;
}

static tml_smp_status_t set_time(void *context, const tml_smp_request_t *request,
                                 tml_cbor_writer_t *answer) {
    tml_node_t *node = context;
    uint64_t now_ms = tml_port_monotonic_ms();
    uint64_t wall_ms;
    if (!tml_smp_uint(request, "wall_ms", UINT64_MAX / 2, &wall_ms) || wall_ms <= now_ms) {
        return TML_SMP_INVALID;
    }
    node->wall_base_ms = wall_ms - now_ms;
    return get_time(context, request, answer);
}

static tml_smp_status_t reset(void *context, const tml_smp_request_t *request,
                              tml_cbor_writer_t *answer) {
    (void)request;
    tml_node_t *node = context;
    node->reset_requested = true;
    tml_cbor_map(answer, 0);
    return TML_SMP_OK;
}

static tml_smp_status_t parameters(void *context, const tml_smp_request_t *request,
                                   tml_cbor_writer_t *answer) {
    (void)context;
    (void)request;
    tml_cbor_map(answer, 2);
    put_uint(answer, TML_TEXT("buf_size"), TML_NODE_MESSAGE_BYTES);
    put_uint(answer, TML_TEXT("buf_count"), 1);
    return TML_SMP_OK;
}

static tml_smp_status_t os_info(void *context, const tml_smp_request_t *request,
                                tml_cbor_writer_t *answer) {
    (void)context;
    (void)request;
    tml_cbor_map(answer, 1);
    tml_cbor_key(answer, TML_TEXT("output"));
    tml_cbor_text(answer, "tinyml " TML_FIRMWARE_VERSION);
    return TML_SMP_OK;
}

static const tml_smp_command_t COMMANDS[] = {
    {TML_SMP_GROUP_OS, 0, 1, tml_smp_echo}, {TML_SMP_GROUP_OS, 0, 0, tml_smp_echo},
    {TML_SMP_GROUP_OS, 5, 1, reset},        {TML_SMP_GROUP_OS, 6, 0, parameters},
    {TML_SMP_GROUP_OS, 7, 0, os_info},      {TML_SMP_GROUP_TML, 0, 0, info},
    {TML_SMP_GROUP_TML, 1, 1, feed},        {TML_SMP_GROUP_TML, 2, 0, records},
    {TML_SMP_GROUP_TML, 3, 0, get_time},    {TML_SMP_GROUP_TML, 3, 1, set_time},
    {TML_SMP_GROUP_TML, 4, 0, samples},
};

tml_smp_server_t tml_node_server(tml_node_t *node) {
    tml_smp_server_t server = {COMMANDS, sizeof COMMANDS / sizeof COMMANDS[0], node};
    return server;
}
