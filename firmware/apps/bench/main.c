/* The bench application: a model and nothing else, driven from outside through a debugger.
 *
 * At tml_bench_ready the inputs are written into the arena, at tml_bench_done the outputs are read.
 * The host fills the guards and the stack with a pattern and looks at them afterwards. */
#include "model_select.h"

#define GUARD_BYTES 64

void tml_bench_ready(void);
void tml_bench_done(void);

/* The arena has exactly its size: the first byte beyond it is a guard. */
struct {
    uint8_t before[GUARD_BYTES];
    _Alignas(TML_ARENA_ALIGN) uint8_t arena[TML_MODEL_ARENA_BYTES];
    uint8_t after[GUARD_BYTES];
} tml_bench_memory;

#if TML_MODEL_STATE_BYTES > 0
_Alignas(TML_ARENA_ALIGN) uint8_t tml_bench_state[TML_MODEL_STATE_BYTES];
#define STATE tml_bench_state
#else
#define STATE 0
#endif

__attribute__((noinline)) void tml_bench_ready(void) {
    __asm volatile("" ::: "memory");
}

__attribute__((noinline)) void tml_bench_done(void) {
    __asm volatile("" ::: "memory");
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (TML_MODEL.reset_state != 0) {
        TML_MODEL.reset_state(STATE);
    }
    for (;;) {
        tml_bench_ready();
        TML_MODEL.infer(tml_bench_memory.arena, STATE);
        tml_bench_done();
    }
}
