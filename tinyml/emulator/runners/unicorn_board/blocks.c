/* SPDX-License-Identifier: MIT
 *
 * What happens at the begin of every block of instructions, as blocks.py does it without a
 * compiler: the block is counted, and the run ends once it has lasted long enough. No library is
 * needed. */
#include <stdint.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
int DllMainCRTStartup(void *library, unsigned reason, void *reserved);
int DllMainCRTStartup(void *library, unsigned reason, void *reserved) {
    (void)library;
    (void)reason;
    (void)reserved;
    return 1;
}
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* The same as _State in blocks.py. */
typedef struct {
    uint64_t origin;  /* of the code */
    uint64_t slots;   /* of two bytes of it each */
    int64_t left;     /* instructions until the run shall end */
    uint64_t stopped; /* whether it has */
    uint64_t pausing; /* whether nothing is counted */
    int (*stop)(void *engine);
    void (*meet)(uint64_t address, uint32_t bytes); /* a block of new size, or elsewhere */
    uint64_t *executions;                           /* [slots], of the block that begins there */
    uint32_t *bytes;                                /* [slots], its size */
    uint32_t *lengths;                              /* [slots], its instructions */
} state_t;

EXPORT void tml_block(void *engine, uint64_t address, uint32_t bytes, state_t *state);

EXPORT void tml_block(void *engine, uint64_t address, uint32_t bytes, state_t *state) {
    if (state->pausing) {
        return;
    }
    if (state->left <= 0) {
        state->stopped = 1;
        state->stop(engine);
        return;
    }
    const uint64_t slot = (address - state->origin) / 2;
    if (slot >= state->slots) {
        state->meet(address, bytes);
        return;
    }
    if (state->bytes[slot] != bytes) {
        state->meet(address, bytes);
    }
    state->left -= state->lengths[slot];
    state->executions[slot]++;
}
