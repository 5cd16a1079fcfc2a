#include "tml/log.h"

#include "crc32.h"

#include <stdbool.h>
#include <string.h>

#define MAGIC 0x314C4D54u /* "TML1" */
#define HEADER_BYTES 20u
#define ENTRY_HEADER_BYTES 12u
#define CHUNK_BYTES TML_LOG_MAX_PROGRAM_BYTES

typedef struct {
    uint32_t log_id;
    uint32_t generation;
    uint32_t first_sequence;
} header_t;

typedef struct {
    uint32_t sequence;
    uint32_t bytes;
} entry_t;

static void put_32(uint8_t *at, uint32_t value) {
    for (uint32_t i = 0; i < 4; ++i) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t get_32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t padded(const tml_block_device_t *device, uint32_t bytes) {
    return (bytes + device->program_bytes - 1) & ~(device->program_bytes - 1);
}

static uint32_t block_offset(const tml_log_t *log, uint32_t block) {
    return block * log->device->erase_bytes;
}

static tml_log_status_t read_at(const tml_log_t *log, uint32_t block, uint32_t offset, void *data,
                                uint32_t bytes) {
    const tml_block_device_t *device = log->device;
    int result = device->read(device->context, block_offset(log, block) + offset, data, bytes);
    return result == 0 ? TML_LOG_OK : TML_LOG_DEVICE;
}

/* Programs `head` followed by `body`, padded, in chunks of whole program units. */
static tml_log_status_t program(const tml_log_t *log, const tml_log_place_t *place,
                                const uint8_t *head, uint32_t head_bytes, const uint8_t *body,
                                uint32_t body_bytes) {
    const tml_block_device_t *device = log->device;
    uint32_t total = head_bytes + body_bytes;
    uint32_t target = block_offset(log, place->block) + place->offset;
    for (uint32_t at = 0; at < total; at += CHUNK_BYTES) {
        uint8_t chunk[CHUNK_BYTES];
        uint32_t used = total - at < CHUNK_BYTES ? total - at : CHUNK_BYTES;
        memset(chunk, 0xFF, sizeof chunk);
        for (uint32_t i = 0; i < used; ++i) {
            chunk[i] = at + i < head_bytes ? head[at + i] : body[at + i - head_bytes];
        }
        if (device->program(device->context, target + at, chunk, padded(device, used)) != 0) {
            return TML_LOG_DEVICE;
        }
    }
    return TML_LOG_OK;
}

/* TML_LOG_END where the block has no valid header. */
static tml_log_status_t read_header(const tml_log_t *log, uint32_t block, header_t *header) {
    uint8_t raw[HEADER_BYTES];
    tml_log_status_t status = read_at(log, block, 0, raw, sizeof raw);
    if (status != TML_LOG_OK) {
        return status;
    }
    header->log_id = get_32(raw + 4);
    header->generation = get_32(raw + 8);
    header->first_sequence = get_32(raw + 12);
    bool valid = get_32(raw) == MAGIC && get_32(raw + 16) == tml_crc32(0, raw, 16);
    return valid ? TML_LOG_OK : TML_LOG_END;
}

static uint32_t entry_crc(uint32_t generation, const uint8_t *head) {
    uint8_t seed[4];
    put_32(seed, generation);
    return tml_crc32(tml_crc32(0, seed, 4), head + 4, ENTRY_HEADER_BYTES - 4);
}

/* The entry at `place`; its content goes to `content` where that has space for it. TML_LOG_END
 * where there is no valid entry. */
static tml_log_status_t read_entry(const tml_log_t *log, const tml_log_place_t *place,
                                   entry_t *entry, uint8_t *content, uint32_t capacity) {
    uint32_t space = log->device->erase_bytes - place->offset;
    uint8_t head[ENTRY_HEADER_BYTES];
    if (place->offset + ENTRY_HEADER_BYTES > log->device->erase_bytes) {
        return TML_LOG_END;
    }
    tml_log_status_t status = read_at(log, place->block, place->offset, head, sizeof head);
    if (status != TML_LOG_OK) {
        return status;
    }
    uint32_t lengths = get_32(head + 8);
    entry->sequence = get_32(head + 4);
    entry->bytes = lengths & 0xFFFFu;
    if ((lengths >> 16) != (~lengths & 0xFFFFu) || entry->bytes > space - ENTRY_HEADER_BYTES) {
        return TML_LOG_END;
    }
    uint32_t crc = entry_crc(place->generation, head);
    for (uint32_t at = 0; at < entry->bytes; at += CHUNK_BYTES) {
        uint8_t chunk[CHUNK_BYTES];
        uint32_t bytes = entry->bytes - at < CHUNK_BYTES ? entry->bytes - at : CHUNK_BYTES;
        status = read_at(log, place->block, place->offset + ENTRY_HEADER_BYTES + at, chunk, bytes);
        if (status != TML_LOG_OK) {
            return status;
        }
        crc = tml_crc32(crc, chunk, bytes);
        if (entry->bytes <= capacity) {
            memcpy(content + at, chunk, bytes);
        }
    }
    return crc == get_32(head) ? TML_LOG_OK : TML_LOG_END;
}

static uint32_t entry_size(const tml_log_t *log, uint32_t bytes) {
    return padded(log->device, ENTRY_HEADER_BYTES + bytes);
}

static bool is_blank(const tml_log_t *log, const tml_log_place_t *from, tml_log_status_t *status) {
    for (uint32_t at = from->offset; at < log->device->erase_bytes; at += CHUNK_BYTES) {
        uint8_t chunk[CHUNK_BYTES];
        uint32_t left = log->device->erase_bytes - at;
        uint32_t bytes = left < CHUNK_BYTES ? left : CHUNK_BYTES;
        *status = read_at(log, from->block, at, chunk, bytes);
        for (uint32_t i = 0; i < bytes; ++i) {
            if (*status != TML_LOG_OK || chunk[i] != 0xFF) {
                return false;
            }
        }
    }
    return true;
}

static void start_of_block(const tml_log_t *log, uint32_t block, const header_t *header,
                           tml_log_place_t *place) {
    place->block = block;
    place->generation = header->generation;
    place->offset = padded(log->device, HEADER_BYTES);
    place->sequence = header->first_sequence;
}

/* Moves to the next block of this log, in order of age; TML_LOG_END behind the newest. */
static tml_log_status_t next_block(const tml_log_t *log, tml_log_place_t *place) {
    while (place->block != log->end.block) {
        header_t header;
        place->block = (place->block + 1) % log->block_count;
        tml_log_status_t status = read_header(log, place->block, &header);
        if (status == TML_LOG_OK && header.log_id == log->log_id) {
            start_of_block(log, place->block, &header, place);
            return TML_LOG_OK;
        }
        if (status < 0) {
            return status;
        }
    }
    return TML_LOG_END;
}

/* The oldest record kept, or the end. */
static tml_log_status_t find_first(const tml_log_t *log, tml_log_place_t *place) {
    entry_t entry;
    tml_log_status_t status = TML_LOG_END;
    *place = log->end;
    /* The block behind the newest is the oldest; from there next_block goes round once. */
    for (uint32_t i = 1; i < log->block_count && status == TML_LOG_END; ++i) {
        header_t header;
        uint32_t block = (log->end.block + i) % log->block_count;
        status = read_header(log, block, &header);
        if (status == TML_LOG_OK && header.log_id == log->log_id) {
            start_of_block(log, block, &header, place);
            status = read_entry(log, place, &entry, NULL, 0);
        } else if (status == TML_LOG_OK) {
            status = TML_LOG_END;
        }
    }
    if (status == TML_LOG_END) {
        header_t header;
        status = read_header(log, log->end.block, &header);
        if (status == TML_LOG_OK) {
            start_of_block(log, log->end.block, &header, place);
        }
    }
    return status;
}

static tml_log_status_t note_first(tml_log_t *log) {
    tml_log_place_t place;
    tml_log_status_t status = find_first(log, &place);
    log->first_sequence = place.sequence;
    return status;
}

/* Takes `block` into use, with whatever it holds erased. */
static tml_log_status_t open_block(tml_log_t *log, uint32_t block, uint32_t generation) {
    const tml_block_device_t *device = log->device;
    header_t header = {log->log_id, generation, log->end.sequence};
    uint8_t raw[HEADER_BYTES];
    put_32(raw, MAGIC);
    put_32(raw + 4, header.log_id);
    put_32(raw + 8, header.generation);
    put_32(raw + 12, header.first_sequence);
    put_32(raw + 16, tml_crc32(0, raw, 16));
    if (device->erase(device->context, block_offset(log, block), device->erase_bytes) != 0) {
        return TML_LOG_DEVICE;
    }
    tml_log_place_t place = {block, generation, 0, log->end.sequence};
    tml_log_status_t status = program(log, &place, raw, sizeof raw, NULL, 0);
    if (status != TML_LOG_OK) {
        return status;
    }
    start_of_block(log, block, &header, &log->end);
    if (log->cursor.block == block) {
        log->cursor.sequence = 0;
    }
    return note_first(log);
}

/* Walks the newest block to its end; a block that cannot take more gets an end past its size. */
static tml_log_status_t find_end(tml_log_t *log) {
    entry_t entry;
    tml_log_status_t status;
    while ((status = read_entry(log, &log->end, &entry, NULL, 0)) == TML_LOG_OK) {
        log->end.offset += entry_size(log, entry.bytes);
        log->end.sequence = entry.sequence + 1;
    }
    if (status == TML_LOG_END) {
        status = TML_LOG_OK;
        if (!is_blank(log, &log->end, &status)) {
            log->end.offset = log->device->erase_bytes;
        }
    }
    return status;
}

tml_log_status_t tml_log_mount(tml_log_t *log, const tml_block_device_t *device,
                               uint32_t new_log_id) {
    memset(log, 0, sizeof *log);
    log->device = device;
    log->block_count = device->size_bytes / device->erase_bytes;
    if (log->block_count < 2 || device->program_bytes > TML_LOG_MAX_PROGRAM_BYTES ||
        device->erase_bytes < TML_LOG_MAX_PROGRAM_BYTES * 2) {
        return TML_LOG_UNUSABLE;
    }
    bool found = false;
    for (uint32_t block = 0; block < log->block_count; ++block) {
        header_t header;
        tml_log_status_t status = read_header(log, block, &header);
        if (status < 0) {
            return status;
        }
        if (status == TML_LOG_OK && (!found || header.generation > log->end.generation)) {
            found = true;
            log->log_id = header.log_id;
            start_of_block(log, block, &header, &log->end);
        }
    }
    if (!found) {
        log->log_id = new_log_id;
        log->end.sequence = 1;
        return open_block(log, 0, 1);
    }
    tml_log_status_t status = find_end(log);
    return status == TML_LOG_OK ? note_first(log) : status;
}

uint32_t tml_log_max_record_bytes(const tml_log_t *log) {
    uint32_t space = log->device->erase_bytes - padded(log->device, HEADER_BYTES);
    uint32_t bytes = space - ENTRY_HEADER_BYTES;
    return bytes < 0xFFFFu ? bytes : 0xFFFFu;
}

/* The newest block took no entry: its first number is still the next one. */
static bool newest_is_empty(const tml_log_t *log, tml_log_status_t *status) {
    header_t header;
    *status = read_header(log, log->end.block, &header);
    return *status == TML_LOG_OK && header.first_sequence == log->end.sequence;
}

tml_log_status_t tml_log_append(tml_log_t *log, const void *content, uint32_t bytes,
                                uint32_t *sequence) {
    if (bytes > tml_log_max_record_bytes(log)) {
        return TML_LOG_TOO_LARGE;
    }
    tml_log_status_t status = TML_LOG_OK;
    uint32_t size = entry_size(log, bytes);
    if (size > log->device->erase_bytes - log->end.offset) {
        bool again = newest_is_empty(log, &status);
        if (status < 0) {
            return status;
        }
        uint32_t block = again ? log->end.block : (log->end.block + 1) % log->block_count;
        status = open_block(log, block, log->end.generation + 1);
        if (status != TML_LOG_OK) {
            return status;
        }
    }
    uint8_t head[ENTRY_HEADER_BYTES];
    put_32(head + 4, log->end.sequence);
    put_32(head + 8, bytes | (~bytes & 0xFFFFu) << 16);
    put_32(head, tml_crc32(entry_crc(log->end.generation, head), content, bytes));
    status = program(log, &log->end, head, sizeof head, content, bytes);
    if (status != TML_LOG_OK) {
        log->end.offset = log->device->erase_bytes; /* half written: nothing more fits here */
        return status;
    }
    *sequence = log->end.sequence;
    log->end.offset += size;
    ++log->end.sequence;
    return TML_LOG_OK;
}

/* Goes to the last block whose records begin at or before the one behind `after`. */
static tml_log_status_t skip_blocks(const tml_log_t *log, uint32_t after, tml_log_place_t *place) {
    tml_log_place_t next = *place;
    tml_log_status_t status;
    while ((status = next_block(log, &next)) == TML_LOG_OK && next.sequence - 1 <= after) {
        *place = next;
    }
    return status < 0 ? status : TML_LOG_OK;
}

static tml_log_status_t seek(const tml_log_t *log, uint32_t after, tml_log_place_t *place) {
    *place = log->cursor;
    if (log->cursor.sequence != 0 && log->cursor.sequence - 1 == after) {
        return TML_LOG_OK;
    }
    tml_log_status_t status = find_first(log, place);
    return status == TML_LOG_OK ? skip_blocks(log, after, place) : status;
}

tml_log_status_t tml_log_read(tml_log_t *log, uint32_t after, void *content, uint32_t capacity,
                              uint32_t *bytes, uint32_t *sequence) {
    tml_log_place_t place;
    entry_t entry;
    tml_log_status_t status = seek(log, after, &place);
    while (status == TML_LOG_OK) {
        status = read_entry(log, &place, &entry, content, capacity);
        if (status == TML_LOG_END) {
            status = next_block(log, &place);
        } else if (status == TML_LOG_OK) {
            if (entry.sequence > after) {
                break;
            }
            place.offset += entry_size(log, entry.bytes);
        }
    }
    if (status != TML_LOG_OK) {
        return status;
    }
    *bytes = entry.bytes;
    *sequence = entry.sequence;
    if (entry.bytes > capacity) {
        return TML_LOG_TOO_LARGE;
    }
    log->cursor = place;
    log->cursor.offset += entry_size(log, entry.bytes);
    log->cursor.sequence = entry.sequence + 1;
    return TML_LOG_OK;
}
