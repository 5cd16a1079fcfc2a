/* A front end and nothing else, driven from outside through a debugger, one hop at a time.
 *
 * At tml_bench_ready the samples of a hop are written, at tml_bench_done the features are read. */
#include "front_end_select.h"
#include "tml/stream.h"

void tml_bench_ready(void);
void tml_bench_done(void);

int16_t tml_bench_samples[TML_HOP * TML_CHANNELS];
int8_t tml_bench_features[TML_FEATURES];
tml_stream_t tml_bench_stream;
static int16_t kept[TML_SPAN * TML_CHANNELS];
static _Alignas(8) uint8_t scratch[TML_SCRATCH_BYTES];

__attribute__((noinline)) void tml_bench_ready(void) {
    __asm volatile("" ::: "memory");
}

__attribute__((noinline)) void tml_bench_done(void) {
    __asm volatile("" ::: "memory");
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    tml_bench_stream = (tml_stream_t){.front_end = &TML_FRONT_END,
                                      .samples = kept,
                                      .features = tml_bench_features,
                                      .scratch = scratch,
                                      .hop = TML_HOP};
    tml_stream_reset(&tml_bench_stream);
    for (;;) {
        tml_bench_ready();
        tml_stream_push(&tml_bench_stream, tml_bench_samples, TML_HOP);
        tml_bench_done();
    }
}
