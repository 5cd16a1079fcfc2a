/* PDM microphone of the nRF52: 16-bit samples at 16 kHz.
 *
 * Source: nRF52833 Product Specification v1.5 and nRF52840 v1.7, PDM: a clock of 1.280 MHz by a
 * ratio of 80 is 16 kHz exactly. While one buffer is filled, the next is named already; the others
 * bridge the time until samples are taken, which an inference may take. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_SOUND && TML_NRF5_SERIES == 52

#include <string.h>

#define PDM(offset) REGISTER(0x4001D000u + (offset))
#define START PDM(0x000u)
#define STARTED PDM(0x100u)
#define INTERRUPT_ON PDM(0x304u)
#define STARTED_INTERRUPT 1u
#define ENABLE PDM(0x500u)
#define CLOCK PDM(0x504u)
#define CLOCK_1280_KHZ 0x0A000000u
#define MODE PDM(0x508u)
#define MODE_MONO 1u /* at the falling edge: the microphone's select pin is low */
#define RATIO PDM(0x520u)
#define RATIO_80 1u
#define CLOCK_PIN PDM(0x540u)
#define DATA_PIN PDM(0x544u)
#define PLACE PDM(0x560u)
#define MOST PDM(0x564u)
#define BUFFERS 16u
#define BUFFER_SAMPLES 160u /* 10 ms */

static int16_t buffers[BUFFERS][BUFFER_SAMPLES];
static volatile uint32_t started; /* buffers whose filling has begun; all before it are full */
static uint32_t taken;            /* buffers that were read to their end */
static uint32_t offset;           /* in the one that is read */

/* The buffer named last is being filled now; the next one is named. */
void tml_nrf5_sound_interrupt(void) {
    const uint32_t next = started + 1u;
    PLACE = (uint32_t)(uintptr_t)buffers[next % BUFFERS];
    started = next;
    STARTED = 0; /* last: an interrupt that came late is followed by the next at once */
}

void tml_nrf5_sound_begin(const tml_bus_place_t *place) {
    GPIO_CLEAR(place->clock) = GPIO_BIT(place->clock);
    GPIO_OUTPUT(place->clock) = GPIO_BIT(place->clock);
    GPIO_SETTINGS(place->data) = 0; /* an input */
    CLOCK_PIN = place->clock;
    DATA_PIN = place->data;
    CLOCK = CLOCK_1280_KHZ;
    MODE = MODE_MONO;
    RATIO = RATIO_80;
    PLACE = (uint32_t)(uintptr_t)buffers[0];
    MOST = BUFFER_SAMPLES;
    INTERRUPT_ON = STARTED_INTERRUPT;
    NVIC_ENABLE(TML_NRF5_SOUND_IRQ) = NVIC_BIT(TML_NRF5_SOUND_IRQ);
    ENABLE = 1;
    START = 1;
}

/* How many buffers were filled; drops those that the next filling takes, and counts what is lost.
 */
static uint32_t filled(uint32_t *lost) {
    const uint32_t full = started == 0 ? 0 : started - 1u;
    const uint32_t late = full - taken > BUFFERS - 2u ? full - taken - (BUFFERS - 2u) : 0;
    *lost = late * BUFFER_SAMPLES - (late > 0 ? offset : 0);
    offset = late > 0 ? 0 : offset;
    taken += late;
    return full;
}

int32_t tml_nrf5_sound(void *context, int16_t *samples, uint32_t capacity, uint32_t *lost) {
    (void)context;
    const uint32_t full = filled(lost); /* once: what is lost lies before the first sample */
    uint32_t count = 0;
    while (count < capacity && taken != full) {
        uint32_t piece = BUFFER_SAMPLES - offset;
        piece = piece < capacity - count ? piece : capacity - count;
        memcpy(samples + count, buffers[taken % BUFFERS] + offset, piece * sizeof samples[0]);
        count += piece;
        offset += piece;
        if (offset == BUFFER_SAMPLES) {
            offset = 0;
            ++taken;
        }
    }
    return (int32_t)count;
}

#endif
