/* Who an emulated board is. Emulators have neither a unique number nor a source of entropy; the
 * host writes both into memory that start-up leaves alone (`identity` in the board's TOML). */
#ifndef TML_IDENTITY_H
#define TML_IDENTITY_H

#include "tml/port.h"

typedef struct {
    uint8_t id[TML_DEVICE_ID_BYTES];
    uint32_t boots; /* counted by the port */
    uint32_t seed;  /* differs from one emulated board to the next */
} tml_identity_t;

/* The finisher of splitmix32: every bit of the result depends on every bit of the value. */
static inline uint32_t tml_mixed(uint32_t value) {
    value = (value ^ (value >> 16)) * 0x21F0AAADu;
    value = (value ^ (value >> 15)) * 0x735A2D97u;
    return value ^ (value >> 15);
}

/* Call once a boot; gives the state for tml_next_random. */
static inline uint32_t tml_identity_boot(volatile tml_identity_t *identity) {
    identity->boots++;
    return identity->seed ^ (identity->boots * 0x85EBCA6Bu) ^ identity->id[0] ^
           ((uint32_t)identity->id[1] << 8);
}

/* `noise` is whatever differs: the time will do. */
static inline uint32_t tml_next_random(uint32_t *state, uint32_t noise) {
    *state += 0x9E3779B9u + noise;
    return tml_mixed(*state);
}

#endif
