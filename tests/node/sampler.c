/* Asks a sampler at the times on standard input, and prints what it says.
 *
 *   sampler PERIOD BUFFERED BEGUN < times
 *
 * A line a time: whether a sample is due, how many were missed before it, time until the next. */
#include "tml/sampler.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 4) {
        return 2;
    }
    tml_sampler_t sampler =
        tml_sampler_begin(strtoull(argv[1], NULL, 10), (uint32_t)strtoul(argv[2], NULL, 10),
                          strtoull(argv[3], NULL, 10));
    uint64_t now_us;
    while (scanf("%" SCNu64, &now_us) == 1) {
        uint64_t missed = 0;
        const bool due = tml_sampler_due(&sampler, now_us, &missed);
        printf("%d %" PRIu64 " %" PRIu64 "\n", due, missed, tml_sampler_wait_us(&sampler, now_us));
    }
    return 0;
}
