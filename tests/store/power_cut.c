/* The record log on a NOR device that loses power: at every single operation, and again while it
 * recovers. Exits with 1 and a sentence where a promise of tml/log.h is broken.
 *
 * usage: power_cut BLOCKS ERASE_BYTES PROGRAM_BYTES SEED MODE
 * MODE: sweep    one cut at every program and erase of a long run
 *       storms   hundreds of boots, each cut off after a random number of operations
 *       garbage  a device that starts with random content */
#include "tml/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORDS 20000u
#define MAX_RECORD_BYTES 90u

typedef struct {
    uint8_t *cells;
    uint32_t program_bytes;
    uint32_t erase_bytes;
    uint64_t operations; /* done since power came on */
    uint64_t cut_at;     /* the operation that is torn; 0: none */
    bool off;
} nor_t;

/* What was promised about one sequence number. */
typedef struct {
    uint32_t nonce;      /* the content is made from it */
    uint32_t generation; /* of the block it went to */
    bool acknowledged;
    bool seen; /* by a reader, whether acknowledged or not */
} promise_t;

static nor_t nor;
static tml_block_device_t device;
static promise_t promises[MAX_RECORDS];
static uint64_t random_state;
static uint32_t nonce;

static uint32_t next_random(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static void fail(const char *sentence, uint32_t number) {
    fprintf(stderr, "%s: %u (cut at operation %llu)\n", sentence, number,
            (unsigned long long)nor.cut_at);
    exit(1);
}

static int nor_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    if (nor.off) {
        return -1;
    }
    if (offset + bytes > device.size_bytes) {
        fail("read outside the device", offset);
    }
    memcpy(data, nor.cells + offset, bytes);
    return 0;
}

/* Counts an operation. Returns true for the one that is torn. */
static bool tears(void) {
    ++nor.operations;
    nor.off = nor.operations == nor.cut_at;
    return nor.off;
}

static int nor_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    const uint8_t *source = data;
    if (offset % nor.program_bytes != 0 || bytes % nor.program_bytes != 0 ||
        offset + bytes > device.size_bytes) {
        fail("program outside the device or its units", offset);
    }
    for (uint32_t at = 0; at < bytes && !nor.off; at += nor.program_bytes) {
        bool torn = tears();
        for (uint32_t i = at; i < at + nor.program_bytes; ++i) {
            if (nor.cells[offset + i] != 0xFF) {
                fail("programmed twice without an erase", offset + i);
            }
            uint8_t skipped = torn ? (uint8_t)next_random() : 0;
            nor.cells[offset + i] &= (uint8_t)(source[i] | skipped);
        }
    }
    return nor.off ? -1 : 0;
}

static int nor_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    if (offset % nor.erase_bytes != 0 || bytes % nor.erase_bytes != 0) {
        fail("erase of a part of a block", offset);
    }
    if (nor.off) {
        return -1;
    }
    /* Torn: a front part, a scattered half, or each bit by chance. */
    uint32_t kind = tears() ? 1 + next_random() % 3 : 0;
    uint32_t front = next_random() % bytes;
    for (uint32_t i = 0; i < bytes; ++i) {
        uint8_t erased = kind == 0   ? 0xFF
                         : kind == 1 ? (uint8_t)(i < front ? 0xFF : 0)
                         : kind == 2 ? (uint8_t)(next_random() % 2 ? 0xFF : 0)
                                     : (uint8_t)next_random();
        nor.cells[offset + i] |= erased;
    }
    return nor.off ? -1 : 0;
}

static uint32_t make_content(uint32_t of, uint8_t *content) {
    uint32_t bytes = of * 2654435761u >> 8;
    bytes %= MAX_RECORD_BYTES + 1;
    for (uint32_t i = 0; i < bytes; ++i) {
        content[i] = (uint8_t)((of + i) * 40503u >> 5);
    }
    return bytes;
}

/* Appends once. False where the power went. */
static bool append(tml_log_t *log) {
    uint8_t content[MAX_RECORD_BYTES];
    uint32_t bytes = make_content(++nonce, content);
    uint32_t expected = log->end.sequence, sequence = 0;
    if (expected >= MAX_RECORDS) {
        fail("too many records for this test", expected);
    }
    promise_t *promise = &promises[expected];
    if (promise->acknowledged || promise->seen) {
        fail("a sequence number is given twice", expected);
    }
    promise->nonce = nonce;
    tml_log_status_t status = tml_log_append(log, content, bytes, &sequence);
    if (status == TML_LOG_OK && sequence != expected) {
        fail("a sequence number is left out", sequence);
    }
    if (status != TML_LOG_OK && !nor.off) {
        fail("append failed with the power on", expected);
    }
    promise->acknowledged = status == TML_LOG_OK;
    promise->generation = log->end.generation;
    return status == TML_LOG_OK;
}

/* Reads everything and compares. `generation` is the newest block's when the power went. */
static void check(tml_log_t *log, uint32_t generation) {
    static bool there[MAX_RECORDS];
    memset(there, 0, sizeof there);
    uint8_t content[MAX_RECORD_BYTES], wanted[MAX_RECORD_BYTES];
    uint32_t after = 0, bytes = 0, sequence = 0;
    tml_log_status_t status;
    while ((status = tml_log_read(log, after, content, sizeof content, &bytes, &sequence)) ==
           TML_LOG_OK) {
        if (sequence <= after || sequence >= MAX_RECORDS) {
            fail("read goes backward", sequence);
        }
        if (bytes != make_content(promises[sequence].nonce, wanted) ||
            memcmp(content, wanted, bytes) != 0) {
            fail("a record has another content than was written", sequence);
        }
        there[sequence] = true;
        promises[sequence].seen = true;
        after = sequence;
    }
    if (status != TML_LOG_END) {
        fail("reading failed", after);
    }
    if (after >= log->end.sequence) {
        fail("the next sequence number is already taken", after);
    }
    uint32_t blocks = device.size_bytes / device.erase_bytes;
    for (uint32_t i = 1; i < log->end.sequence; ++i) {
        /* All blocks but the one that was about to be used again. */
        if (promises[i].acknowledged && promises[i].generation + blocks >= generation + 2 &&
            !there[i]) {
            fail("an acknowledged record is gone", i);
        }
    }
    for (uint32_t i = log->end.sequence; i < MAX_RECORDS; ++i) {
        if (promises[i].acknowledged) {
            fail("an acknowledged record would be overwritten", i);
        }
    }
}

static tml_log_status_t boot(tml_log_t *log, uint64_t cut_after) {
    nor.off = false;
    nor.operations = 0;
    nor.cut_at = cut_after;
    return tml_log_mount(log, &device, 0x10611D);
}

static void reset_all(void) {
    memset(nor.cells, 0xFF, device.size_bytes);
    memset(promises, 0, sizeof promises);
    nonce = 0;
}

static void run_until_cut(tml_log_t *log, uint32_t records) {
    for (uint32_t i = 0; i < records; ++i) {
        uint8_t content[MAX_RECORD_BYTES];
        uint32_t bytes, sequence;
        if (!append(log)) {
            return;
        }
        if (next_random() % 4 == 0) { /* moves the log's cursor */
            tml_log_read(log, next_random() % (log->end.sequence + 1), content, sizeof content,
                         &bytes, &sequence);
        }
    }
}

static void sweep(uint32_t records) {
    tml_log_t log;
    uint64_t cuts = 0;
    do {
        reset_all();
        if (boot(&log, ++cuts) == TML_LOG_OK) {
            run_until_cut(&log, records);
        }
        bool done = !nor.off;
        uint32_t generation = log.end.generation;
        if (boot(&log, 0) != TML_LOG_OK) {
            fail("the log does not mount", 0);
        }
        check(&log, generation);
        run_until_cut(&log, records / 4);
        check(&log, log.end.generation);
        if (done) {
            break;
        }
    } while (true);
    printf("%llu cuts\n", (unsigned long long)cuts - 1);
}

static void storms(uint32_t boots) {
    tml_log_t log;
    for (uint32_t i = 0; i < boots; ++i) {
        uint32_t generation = 0;
        if (boot(&log, 1 + next_random() % 60) == TML_LOG_OK) {
            run_until_cut(&log, 40);
            generation = log.end.generation;
        }
        if (boot(&log, 0) != TML_LOG_OK) {
            fail("the log does not mount", i);
        }
        check(&log, generation > log.end.generation ? generation : log.end.generation);
    }
    printf("%u boots, %u records\n", boots, log.end.sequence - 1);
}

static void garbage(uint32_t rounds) {
    tml_log_t log;
    for (uint32_t i = 0; i < rounds; ++i) {
        reset_all();
        for (uint32_t at = 0; at < device.size_bytes; ++at) {
            nor.cells[at] = (uint8_t)next_random();
        }
        if (boot(&log, 0) != TML_LOG_OK || log.end.sequence != 1) {
            fail("garbage is taken for a log", i);
        }
        run_until_cut(&log, 50);
        check(&log, log.end.generation);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) {
        return 2;
    }
    uint32_t blocks = (uint32_t)atoi(argv[1]);
    nor.erase_bytes = (uint32_t)atoi(argv[2]);
    nor.program_bytes = (uint32_t)atoi(argv[3]);
    random_state = (uint64_t)atoll(argv[4]);
    device = (tml_block_device_t){NULL,
                                  blocks * nor.erase_bytes,
                                  nor.erase_bytes,
                                  nor.program_bytes,
                                  nor_read,
                                  nor_program,
                                  nor_erase};
    nor.cells = malloc(device.size_bytes);
    reset_all();
    if (strcmp(argv[5], "sweep") == 0) {
        sweep(60);
    } else if (strcmp(argv[5], "storms") == 0) {
        storms(400);
    } else {
        garbage(100);
    }
    free(nor.cells);
    return 0;
}
