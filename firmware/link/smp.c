#include "tml/smp.h"

/* Header: operation (3 bits) and protocol version, flags, bytes of the map (16 bits), group (16
 * bits), sequence number, command; numbers are big endian. */
#define OPERATION_MASK 7u
#define OPERATION_READ 0u
#define OPERATION_WRITE 2u
#define ANSWER_BIT 1u

static const tml_smp_command_t *find(const tml_smp_server_t *server, uint32_t group,
                                     uint32_t command, uint32_t write) {
    for (uint32_t i = 0; i < server->command_count; ++i) {
        const tml_smp_command_t *candidate = &server->commands[i];
        if (candidate->group == group && candidate->command == command &&
            candidate->write == write) {
            return candidate;
        }
    }
    return NULL;
}

static tml_smp_status_t run(const tml_smp_server_t *server, const uint8_t *message, uint32_t bytes,
                            tml_cbor_writer_t *writer) {
    uint32_t announced = (uint32_t)message[2] << 8 | message[3];
    uint32_t group = (uint32_t)message[4] << 8 | message[5];
    uint32_t write = (message[0] & OPERATION_MASK) == OPERATION_WRITE;
    tml_smp_request_t request = {message + TML_SMP_HEADER_BYTES, bytes - TML_SMP_HEADER_BYTES};
    const tml_smp_command_t *command = find(server, group, message[7], write);
    if (command == NULL) {
        return TML_SMP_NOT_SUPPORTED;
    }
    if (announced != request.bytes) {
        return TML_SMP_INVALID;
    }
    /* Some clients send no map at all where a command has no parameters. */
    static const uint8_t empty_map[] = {0xA0};
    if (request.bytes == 0) {
        request.data = empty_map;
        request.bytes = sizeof empty_map;
    }
    if (!tml_cbor_is_map(request.data, request.bytes)) {
        return TML_SMP_INVALID;
    }
    return command->handle(server->context, &request, writer);
}

uint32_t tml_smp_answer(const tml_smp_server_t *server, const uint8_t *message, uint32_t bytes,
                        uint8_t *answer, uint32_t capacity) {
    if (bytes < TML_SMP_HEADER_BYTES) {
        return 0;
    }
    uint32_t operation = message[0] & OPERATION_MASK;
    if (operation != OPERATION_READ && operation != OPERATION_WRITE) {
        return 0; /* somebody's answer: answering it could go on for ever */
    }
    tml_cbor_writer_t writer = {answer + TML_SMP_HEADER_BYTES, capacity - TML_SMP_HEADER_BYTES, 0,
                                false};
    tml_smp_status_t status = run(server, message, bytes, &writer);
    if (status == TML_SMP_OK && writer.full) {
        status = TML_SMP_TOO_LARGE;
    }
    if (status != TML_SMP_OK) {
        writer.used = 0;
        writer.full = false;
        tml_cbor_map(&writer, 1);
        tml_cbor_key(&writer, TML_TEXT("rc"));
        tml_cbor_uint(&writer, status);
    }
    answer[0] = (uint8_t)(message[0] | ANSWER_BIT);
    answer[1] = 0;
    answer[2] = (uint8_t)(writer.used >> 8);
    answer[3] = (uint8_t)writer.used;
    for (uint32_t i = 4; i < TML_SMP_HEADER_BYTES; ++i) {
        answer[i] = message[i];
    }
    return TML_SMP_HEADER_BYTES + (uint32_t)writer.used;
}

bool tml_smp_uint(const tml_smp_request_t *request, const char *key, uint64_t maximum,
                  uint64_t *value) {
    tml_cbor_item_t item;
    if (!tml_cbor_find(request->data, request->bytes, key, &item) || item.type != TML_CBOR_UINT ||
        item.value > maximum) {
        return false;
    }
    *value = item.value;
    return true;
}

tml_smp_status_t tml_smp_echo(void *context, const tml_smp_request_t *request,
                              tml_cbor_writer_t *answer) {
    (void)context;
    tml_cbor_item_t text;
    if (!tml_cbor_find(request->data, request->bytes, "d", &text) || text.type != TML_CBOR_TEXT) {
        return TML_SMP_INVALID;
    }
    tml_cbor_map(answer, 1);
    tml_cbor_key(answer, TML_TEXT("r"));
    tml_cbor_text_n(answer, text.data, (size_t)text.value);
    return TML_SMP_OK;
}
