#include "tml/cbor.h"

#include <string.h>

#define BREAK 0xFFu
#define INDEFINITE 31u

typedef struct {
    const uint8_t *data;
    size_t bytes;
    size_t at;
} reader_t;

/* The head of the next item, and a string's bytes. `indefinite` arrays and maps have value 0. */
static bool read_head(reader_t *reader, tml_cbor_item_t *item, bool *indefinite) {
    if (reader->at >= reader->bytes) {
        return false;
    }
    uint8_t first = reader->data[reader->at++];
    uint32_t info = first & 31u;
    item->type = (tml_cbor_type_t)(first >> 5);
    item->value = info;
    item->data = NULL;
    *indefinite = false;
    if (info == INDEFINITE) {
        item->value = 0;
        *indefinite = true;
        return item->type == TML_CBOR_ARRAY || item->type == TML_CBOR_MAP;
    }
    if (info >= 28) {
        return false;
    }
    if (info >= 24) {
        size_t width = (size_t)1 << (info - 24);
        if (width > reader->bytes - reader->at) {
            return false;
        }
        item->value = 0;
        for (size_t i = 0; i < width; ++i) {
            item->value = item->value << 8 | reader->data[reader->at++];
        }
    }
    if (item->type == TML_CBOR_BYTES || item->type == TML_CBOR_TEXT) {
        if (item->value > reader->bytes - reader->at) {
            return false;
        }
        item->data = reader->data + reader->at;
        reader->at += (size_t)item->value;
    }
    return true;
}

static bool at_break(const reader_t *reader) {
    return reader->at < reader->bytes && reader->data[reader->at] == BREAK;
}

/* How many items stand inside `item`; false where it cannot be true. */
static bool count_inner(const reader_t *reader, const tml_cbor_item_t *item, uint64_t *inner) {
    *inner = 0;
    if (item->type == TML_CBOR_TAG) {
        *inner = 1;
    } else if (item->type == TML_CBOR_ARRAY || item->type == TML_CBOR_MAP) {
        /* Every element takes a byte: a larger count is a lie, and doubling it could overflow. */
        if (item->value > reader->bytes - reader->at) {
            return false;
        }
        *inner = item->type == TML_CBOR_MAP ? 2 * item->value : item->value;
    }
    return true;
}

/* Reads the next item with all inside it; `item` tells of the outermost. */
static bool read_item(reader_t *reader, tml_cbor_item_t *item) {
    struct {
        uint64_t left; /* items; of an indefinite one: 0 or 1, a map's value is awaited */
        bool indefinite, map;
    } open[TML_CBOR_MAX_DEPTH];
    uint32_t depth = 0;
    do {
        if (depth > 0 && open[depth - 1].indefinite && at_break(reader)) {
            if (open[depth - 1].left != 0) {
                return false;
            }
            ++reader->at;
            --depth;
        } else {
            tml_cbor_item_t next;
            bool indefinite;
            uint64_t inner;
            if (!read_head(reader, &next, &indefinite) || !count_inner(reader, &next, &inner)) {
                return false;
            }
            if (depth == 0) {
                *item = next;
            } else if (!open[depth - 1].indefinite) {
                --open[depth - 1].left;
            } else if (open[depth - 1].map) {
                open[depth - 1].left ^= 1u;
            }
            if (inner > 0 || indefinite) {
                if (depth == TML_CBOR_MAX_DEPTH) {
                    return false;
                }
                open[depth].left = inner;
                open[depth].indefinite = indefinite;
                open[depth].map = next.type == TML_CBOR_MAP;
                ++depth;
            }
        }
        while (depth > 0 && !open[depth - 1].indefinite && open[depth - 1].left == 0) {
            --depth;
        }
    } while (depth > 0);
    return true;
}

bool tml_cbor_is_map(const uint8_t *data, size_t bytes) {
    reader_t reader = {data, bytes, 0};
    tml_cbor_item_t item;
    return read_item(&reader, &item) && item.type == TML_CBOR_MAP && reader.at == bytes;
}

bool tml_cbor_find(const uint8_t *data, size_t bytes, const char *key, tml_cbor_item_t *item) {
    reader_t reader = {data, bytes, 0};
    tml_cbor_item_t map, name;
    bool indefinite;
    if (!read_head(&reader, &map, &indefinite)) {
        return false;
    }
    size_t key_bytes = strlen(key);
    for (uint64_t i = 0; indefinite ? !at_break(&reader) : i < map.value; ++i) {
        if (!read_item(&reader, &name) || !read_item(&reader, item)) {
            return false;
        }
        if (name.type == TML_CBOR_TEXT && name.value == key_bytes &&
            memcmp(name.data, key, key_bytes) == 0) {
            return true;
        }
    }
    return false;
}

static void put(tml_cbor_writer_t *writer, const void *data, size_t bytes) {
    if (writer->full || bytes > writer->capacity - writer->used) {
        writer->full = true;
        return;
    }
    if (bytes > 0) { /* moved: an answer may be written over the request that it repeats */
        memmove(writer->data + writer->used, data, bytes);
        writer->used += bytes;
    }
}

static void put_byte(tml_cbor_writer_t *writer, uint32_t byte) {
    uint8_t value = (uint8_t)byte;
    put(writer, &value, 1);
}

static void put_head(tml_cbor_writer_t *writer, tml_cbor_type_t type, uint64_t value) {
    uint32_t major = (uint32_t)type << 5;
    if (value < 24) {
        put_byte(writer, major | (uint32_t)value);
        return;
    }
    uint32_t code = value > UINT32_MAX ? 3 : value > UINT16_MAX ? 2 : value > UINT8_MAX ? 1 : 0;
    put_byte(writer, major | (24u + code));
    for (int shift = (8 << code) - 8; shift >= 0; shift -= 8) {
        put_byte(writer, (uint32_t)(value >> shift & 0xFFu));
    }
}

void tml_cbor_uint(tml_cbor_writer_t *writer, uint64_t value) {
    put_head(writer, TML_CBOR_UINT, value);
}

void tml_cbor_int(tml_cbor_writer_t *writer, int64_t value) {
    if (value < 0) {
        put_head(writer, TML_CBOR_NEGATIVE, (uint64_t)(-1 - value));
    } else {
        put_head(writer, TML_CBOR_UINT, (uint64_t)value);
    }
}

void tml_cbor_bytes(tml_cbor_writer_t *writer, const void *data, size_t bytes) {
    put_head(writer, TML_CBOR_BYTES, bytes);
    put(writer, data, bytes);
}

void tml_cbor_text_n(tml_cbor_writer_t *writer, const void *text, size_t bytes) {
    put_head(writer, TML_CBOR_TEXT, bytes);
    put(writer, text, bytes);
}

void tml_cbor_text(tml_cbor_writer_t *writer, const char *text) {
    tml_cbor_text_n(writer, text, strlen(text));
}

#ifdef __AVR__
void tml_cbor_key(tml_cbor_writer_t *writer, const TML_FLASH char *key) {
    size_t bytes = 0;
    while (key[bytes] != 0) {
        ++bytes;
    }
    put_head(writer, TML_CBOR_TEXT, bytes);
    for (size_t i = 0; i < bytes; ++i) {
        const char letter = key[i];
        put(writer, &letter, 1);
    }
}
#endif

void tml_cbor_array(tml_cbor_writer_t *writer, size_t elements) {
    put_head(writer, TML_CBOR_ARRAY, elements);
}

void tml_cbor_map(tml_cbor_writer_t *writer, size_t pairs) {
    put_head(writer, TML_CBOR_MAP, pairs);
}

void tml_cbor_null(tml_cbor_writer_t *writer) {
    put_head(writer, TML_CBOR_SIMPLE, TML_CBOR_NULL);
}

void tml_cbor_bool(tml_cbor_writer_t *writer, bool value) {
    put_head(writer, TML_CBOR_SIMPLE, value ? 21 : 20);
}

void tml_cbor_float(tml_cbor_writer_t *writer, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_byte(writer, 0xFAu);
    for (int shift = 24; shift >= 0; shift -= 8) {
        put_byte(writer, bits >> shift);
    }
}

void tml_cbor_encoded(tml_cbor_writer_t *writer, const void *item, size_t bytes) {
    put(writer, item, bytes);
}

void tml_cbor_open_array(tml_cbor_writer_t *writer) {
    put_byte(writer, (uint32_t)TML_CBOR_ARRAY << 5 | INDEFINITE);
}

void tml_cbor_open_map(tml_cbor_writer_t *writer) {
    put_byte(writer, (uint32_t)TML_CBOR_MAP << 5 | INDEFINITE);
}

void tml_cbor_end(tml_cbor_writer_t *writer) {
    put_byte(writer, BREAK);
}
