/* The Simple Management Protocol (MCUmgr): one request, one answer, both an 8-byte header and a
 * CBOR map. Handlers of a group are a table; the node adds its own group to the OS group. */
#ifndef TML_SMP_H
#define TML_SMP_H

#include "tml/cbor.h"

#include <stdint.h>

#define TML_SMP_HEADER_BYTES 8u

#define TML_SMP_GROUP_OS 0u
#define TML_SMP_GROUP_TML 64u /* the first number that the protocol leaves to applications */

/* Error codes of the protocol, sent as {"rc": code}. */
typedef enum {
    TML_SMP_OK = 0,
    TML_SMP_UNKNOWN = 1,       /* the node failed: storage could not be read or written */
    TML_SMP_INVALID = 3,       /* the request is malformed or has a value that makes no sense */
    TML_SMP_TOO_LARGE = 7,     /* the answer does not fit */
    TML_SMP_NOT_SUPPORTED = 8, /* no such group or command */
} tml_smp_status_t;

/* A request's CBOR map, checked to be one. */
typedef struct {
    const uint8_t *data;
    uint32_t bytes;
} tml_smp_request_t;

/* Writes the answer's map. What it has written is thrown away where it returns an error. The answer
 * may lie over the request: read all that is needed before writing, but for one string that is
 * written as it is, behind no more bytes than stood before it. */
typedef tml_smp_status_t (*tml_smp_handler_t)(void *context, const tml_smp_request_t *request,
                                              tml_cbor_writer_t *answer);

typedef struct {
    uint16_t group;
    uint8_t command;
    uint8_t write; /* 1: a write request, 0: a read request */
    tml_smp_handler_t handle;
} tml_smp_command_t;

typedef struct {
    const tml_smp_command_t *commands;
    uint32_t command_count;
    void *context; /* handed to every handler */
} tml_smp_server_t;

/* Answers one message of any content. Returns the answer's size in bytes, 0 where none is due.
 * `capacity` is at least 64 bytes; `answer` may be the message itself. */
uint32_t tml_smp_answer(const tml_smp_server_t *server, const uint8_t *message, uint32_t bytes,
                        uint8_t *answer, uint32_t capacity);

/* An unsigned number of the request: false where it is missing, no number, or above `maximum`. */
bool tml_smp_uint(const tml_smp_request_t *request, const char *key, uint64_t maximum,
                  uint64_t *value);

/* OS group, echo: {"d": text} -> {"r": text}. */
tml_smp_status_t tml_smp_echo(void *context, const tml_smp_request_t *request,
                              tml_cbor_writer_t *answer);

#endif
