/* The part of CBOR (RFC 8949) that management messages need. No memory is allocated and nothing is
 * read or written outside the given bytes, whatever they hold. */
#ifndef TML_CBOR_H
#define TML_CBOR_H

#include "tml/flash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TML_CBOR_MAX_DEPTH 6u /* arrays, maps and tags inside each other */

typedef enum {
    TML_CBOR_UINT = 0,
    TML_CBOR_NEGATIVE = 1, /* the value is -1 - `value` */
    TML_CBOR_BYTES = 2,
    TML_CBOR_TEXT = 3,
    TML_CBOR_ARRAY = 4,
    TML_CBOR_MAP = 5,
    TML_CBOR_TAG = 6,
    TML_CBOR_SIMPLE = 7 /* false, true, null, floats */
} tml_cbor_type_t;

#define TML_CBOR_NULL 22u /* `value` of a TML_CBOR_SIMPLE */

typedef struct {
    tml_cbor_type_t type;
    uint64_t value;      /* the number; bytes of a string; elements of an array or map */
    const uint8_t *data; /* a string's bytes, inside the message */
} tml_cbor_item_t;

/* Whether `data` is exactly one well-formed map of at most TML_CBOR_MAX_DEPTH. Strings in pieces
 * are refused. */
bool tml_cbor_is_map(const uint8_t *data, size_t bytes);

/* The value under text key `key` of a map that tml_cbor_is_map accepted; false where it has none.
 */
bool tml_cbor_find(const uint8_t *data, size_t bytes, const char *key, tml_cbor_item_t *item);

typedef struct {
    uint8_t *data;
    size_t capacity;
    size_t used;
    bool full; /* something did not fit, what was written is incomplete */
} tml_cbor_writer_t;

void tml_cbor_uint(tml_cbor_writer_t *writer, uint64_t value);
void tml_cbor_int(tml_cbor_writer_t *writer, int64_t value);
void tml_cbor_bytes(tml_cbor_writer_t *writer, const void *data, size_t bytes);
void tml_cbor_text(tml_cbor_writer_t *writer, const char *text);
/* The same of a TML_TEXT. */
#ifdef __AVR__
void tml_cbor_key(tml_cbor_writer_t *writer, const TML_FLASH char *key);
#else
#define tml_cbor_key tml_cbor_text
#endif
void tml_cbor_text_n(tml_cbor_writer_t *writer, const void *text, size_t bytes);
void tml_cbor_array(tml_cbor_writer_t *writer, size_t elements);
void tml_cbor_map(tml_cbor_writer_t *writer, size_t pairs);
void tml_cbor_null(tml_cbor_writer_t *writer);
void tml_cbor_bool(tml_cbor_writer_t *writer, bool value);
void tml_cbor_float(tml_cbor_writer_t *writer, float value);
/* One item that is CBOR already. */
void tml_cbor_encoded(tml_cbor_writer_t *writer, const void *item, size_t bytes);
/* An array or map whose length is not known yet, ended by tml_cbor_end. */
void tml_cbor_open_array(tml_cbor_writer_t *writer);
void tml_cbor_open_map(tml_cbor_writer_t *writer);
void tml_cbor_end(tml_cbor_writer_t *writer);

#endif
