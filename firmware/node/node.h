/* The node application: takes samples, runs the model, logs records, answers its host.
 *
 * All of its memory is one tml_node_t and the buffers of service.c; nothing here knows the board.
 */
#ifndef TML_NODE_H
#define TML_NODE_H

#include "tml/log.h"
#include "tml/model.h"
#include "tml/port.h"
#include "tml/smp.h"
#include "tml/stream.h"

#include <stdbool.h>
#include <stdint.h>

#define TML_FIRMWARE_VERSION "0.1.0" /* tinyml.__version__; a test compares them */
#define TML_NODE_PROTOCOL 1u         /* of the commands in docs/LINK.md */

/* Largest message in either direction, with its frame. An AVR has a few kilobytes of RAM in all. */
#ifndef TML_NODE_MESSAGE_BYTES
#ifdef __AVR__
#define TML_NODE_MESSAGE_BYTES 384u
#else
#define TML_NODE_MESSAGE_BYTES 1024u
#endif
#endif
#ifndef TML_NODE_RECORD_BYTES
#define TML_NODE_RECORD_BYTES (TML_NODE_MESSAGE_BYTES - 64u) /* fits an answer */
#endif

/* Sound is taken a frame at a time, as it comes: its features wait where the model reads them, and
 * the window is only a ring of the latest samples, for recording. */
typedef struct {
    tml_stream_t stream;
    void (*reset)(tml_stream_t *stream); /* tml_stream_reset, tml_stream_push */
    uint32_t (*push)(tml_stream_t *stream, const int16_t *samples, uint32_t count);
    uint32_t window_samples; /* that the window holds */
    uint32_t slot;           /* of the window: where the next sample goes */
    uint8_t low;             /* the first byte of a sample whose second one has not come yet */
} tml_node_sound_t;

typedef struct {
    const tml_model_t *model;
    uint8_t *arena;          /* model->arena_bytes, aligned to TML_ARENA_ALIGN */
    uint8_t *state;          /* model->state_bytes, or NULL */
    uint8_t *window;         /* samples, aligned to 4, or NULL where there is no front end */
    uint8_t *scratch;        /* the front end's scratch, aligned to 8, or NULL */
    tml_node_sound_t *sound; /* where the front end is one of sounds, else NULL */
} tml_node_memory_t;

typedef struct tml_node tml_node_t;

struct tml_node {
    tml_node_memory_t memory;
    /* Adds what the window's channels were to a record; NULL where the project does not ask for it.
     */
    void (*put_inputs)(tml_cbor_writer_t *record, const tml_node_memory_t *memory);
    /* Adds to node info how the node's own sensor is read; NULL where the host alone feeds it. So
     * it is linked in only where it is needed: a small board is short of memory. */
    void (*put_sampling)(tml_cbor_writer_t *info);
    /* Whether the window is complete that the newest sample ends, and puts it in order; NULL where
     * each begins behind the one before. */
    bool (*hop_ends)(tml_node_t *node);
    tml_log_t log;
    bool persistent;      /* the log survives a reset */
    bool simulated;       /* the samples are: no sensor measures them */
    bool reset_requested; /* reset once the answer is out */
    bool fed;             /* the feed `feed_id` is complete: its record is feed_sequence */
    uint32_t boot_id;     /* random */
    uint32_t feed_id;     /* the feed being received */
    uint32_t feed_offset; /* bytes of it received; 0 where none is */
    uint32_t feed_sequence;
    uint64_t sampled;      /* samples of the node's own sensor since boot, with missed ones */
    uint32_t sampled_slot; /* of the front end's window: which the next one is */
    uint32_t sampled_kept; /* the latest of them that are still in the window */
    uint32_t sampled_feed; /* the feed before which they came: a later one has overwritten them */
    uint32_t hop;          /* samples from one window's start to the next one's; for hop_ends */
    uint32_t hop_filled;   /* of them, those that there are */
    uint64_t wall_base_ms; /* wall clock at boot, ms since 1970; 0 while unknown */
    uint8_t device_id[TML_DEVICE_ID_BYTES];
    uint8_t record[TML_NODE_RECORD_BYTES];
};

/* `storage` may be NULL; `ram_log` is used where it is, or where it cannot be used. False where
 * not even that can be. */
bool tml_node_init(tml_node_t *node, const tml_node_memory_t *memory,
                   const tml_block_device_t *storage, const tml_block_device_t *ram_log);

/* Bytes that one inference is fed: a window of samples, or all model inputs one after another. */
uint32_t tml_node_feed_bytes(const tml_node_t *node);

/* Puts fed bytes in their place; offset + bytes is within tml_node_feed_bytes. */
void tml_node_put(tml_node_t *node, uint32_t offset, const uint8_t *data, uint32_t bytes);

/* Runs front end and model over what was put, and logs a record with `tag` (negative: none). */
tml_log_status_t tml_node_infer(tml_node_t *node, int64_t tag, uint32_t *sequence);

/* For put_inputs: [least, mean, greatest] count of each channel of the window, one after another.
 * Of sounds it knows the latest samples alone. */
void tml_node_put_inputs(tml_cbor_writer_t *record, const tml_node_memory_t *memory);

/* For hop_ends, with node->hop from 1: windows that overlap, or leave samples out between them. The
 * first one behind a gap is complete as soon as there are samples enough. Not of sounds. */
bool tml_node_hop_ends(tml_node_t *node);

/* Logs an event: see tml/event.h. */
tml_log_status_t tml_node_event(tml_node_t *node, uint8_t event, const int32_t *values,
                                uint32_t count, const uint8_t *data, uint32_t bytes);

/* Adds a sample of the node's own sensor, an element a channel. True where it completed a window
 * and made a record. While a host feeds the node, samples are counted, but not kept. */
bool tml_node_sample(tml_node_t *node, const int16_t *sample);

/* Passes over samples that were not measured: they keep their numbers. The window that was coming
 * begins again behind them, so that no record is of a window with a hole; and what was in it cannot
 * be read any more, as that is one stretch without holes. */
void tml_node_skip(tml_node_t *node, uint64_t samples);

/* How many of the latest samples are still in the window. */
uint32_t tml_node_kept_samples(const tml_node_t *node);

/* Those from `*count` before the next one on; `*count` becomes how many lie in one piece. */
const uint8_t *tml_node_kept(const tml_node_t *node, uint32_t *count);

/* Writes the first record with a sequence number above `after` as CBOR: [sequence, content]. */
tml_log_status_t tml_node_write_record(tml_node_t *node, uint32_t after, tml_cbor_writer_t *writer,
                                       uint32_t *sequence);

/* The node's commands: groups OS and TML. */
tml_smp_server_t tml_node_server(tml_node_t *node);

#endif
