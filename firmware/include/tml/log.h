/* A log of records that survives a power cut at any moment. docs/LINK.md says what it is for; here
 * is what it keeps and how.
 *
 * Promises
 *   - A record whose tml_log_append returned TML_LOG_OK is there at every later mount, until it is
 *     the oldest and its block is needed again.
 *   - Sequence numbers count 1, 2, 3 ... for the life of the log, over all boots. None is ever
 *     given to two records that could both have been read.
 *   - Storage with any other content is a new, empty log with a new id.
 *
 * Layout (numbers are little endian)
 *   The device is a ring of its erase blocks. A block in use:
 *     header   magic, log id, generation, first sequence number, CRC-32 of these   (5 x 32 bits)
 *     entries  CRC-32, sequence number, bytes (16 bits), its complement (16 bits), content
 *   Header and entries are padded with 0xFF to whole program units. An entry's CRC covers its
 *   block's generation and all that follows the CRC, so nothing left over from an earlier use of
 *   the block passes for an entry. Generations grow by one with every block taken into use: the
 *   highest is the block being written.
 *
 * Order of writes, and what a cut leaves
 *   Append: one entry, behind the last. Cut: an entry with a wrong CRC. At the next mount the block
 *     counts as full, for what is half programmed cannot be programmed again.
 *   Next block, when an entry does not fit: erase the oldest, write its header. Cut: a block
 *     without a valid header, which is free; or the erased block's old header with some of its
 *     oldest entries, which read as long as they are valid. The newest number is never lost, as
 *     the block before still holds it: hence at least two blocks.
 *   A newest block without a single good entry is used again rather than the next, so that a board
 *     that dies at every first write does not eat its log. */
#ifndef TML_LOG_H
#define TML_LOG_H

#include "tml/block_device.h"

#include <stdint.h>

#define TML_LOG_MAX_PROGRAM_BYTES 64u

typedef enum {
    TML_LOG_OK = 0,
    TML_LOG_END = 1,        /* no further record */
    TML_LOG_UNUSABLE = -1,  /* fewer than two blocks, or program units above the maximum */
    TML_LOG_TOO_LARGE = -2, /* does not fit a block, or the reader's buffer */
    TML_LOG_DEVICE = -3     /* the device reported an error */
} tml_log_status_t;

/* A place in the log. */
typedef struct {
    uint32_t block;      /* its index */
    uint32_t generation; /* of the block, part of its entries' CRC */
    uint32_t offset;     /* from the block's start, in bytes */
    uint32_t sequence;   /* of the record there or, at the end, of the next one to be written */
} tml_log_place_t;

typedef struct {
    const tml_block_device_t *device;
    uint32_t block_count;
    uint32_t log_id;         /* random, made when the log was */
    uint32_t first_sequence; /* oldest record kept; end.sequence where there is none */
    tml_log_place_t end;     /* where the next record goes */
    tml_log_place_t
        cursor; /* where the last read stopped, to read on without a search; sequence 0: nowhere */
} tml_log_t;

/* Finds the log on `device`, or makes one with the given id. Writes only where it makes one. */
tml_log_status_t tml_log_mount(tml_log_t *log, const tml_block_device_t *device,
                               uint32_t new_log_id);

/* The largest record that fits, in bytes. */
uint32_t tml_log_max_record_bytes(const tml_log_t *log);

/* Writes a record and returns its sequence number. */
tml_log_status_t tml_log_append(tml_log_t *log, const void *content, uint32_t bytes,
                                uint32_t *sequence);

/* Reads the first record with a sequence number above `after` into `content`. Returns TML_LOG_END
 * where there is none. */
tml_log_status_t tml_log_read(tml_log_t *log, uint32_t after, void *content, uint32_t capacity,
                              uint32_t *bytes, uint32_t *sequence);

#endif
