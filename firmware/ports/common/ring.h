/* Bytes from an interrupt to the main loop. One writes, one reads; neither needs a lock, because
 * each index is written by one side only and indices are read and written whole. */
#ifndef TML_RING_H
#define TML_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A power of two, at most 128: one-byte indices serve every core. At 115200 baud it holds what
 * arrives in 10 ms. */
#define TML_RING_BYTES 128u

typedef struct {
    volatile uint8_t put;   /* written by the interrupt; counts and wraps */
    volatile uint8_t taken; /* written by the main loop; counts and wraps */
    volatile uint8_t bytes[TML_RING_BYTES];
} tml_ring_t;

static inline bool tml_ring_is_empty(const tml_ring_t *ring) {
    return ring->put == ring->taken;
}

static inline bool tml_ring_is_full(const tml_ring_t *ring) {
    return (uint8_t)(ring->put - ring->taken) == TML_RING_BYTES;
}

/* The ring must not be full. */
static inline void tml_ring_put(tml_ring_t *ring, uint8_t byte) {
    ring->bytes[ring->put % TML_RING_BYTES] = byte;
    ring->put++;
}

/* Up to `capacity` bytes; returns how many. */
static inline size_t tml_ring_take(tml_ring_t *ring, uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && !tml_ring_is_empty(ring)) {
        data[count++] = ring->bytes[ring->taken % TML_RING_BYTES];
        ring->taken++;
    }
    return count;
}

#endif
