/* What a node's log holds besides inferences. docs/LINK.md is the same for people; the table in
 * tinyml/device/event.py is compared with this one by a test. */
#ifndef TML_EVENT_H
#define TML_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, number): the integers that each carries, in their order. */
#define TML_EVENTS(X)                                                                              \
    X(BOOT, 1) /* cause of the reset (tml_reset_cause_t), resets since the log was made */         \
    X(SENSOR_FAILED, 2) /* which sensor, its status, failures since boot */                        \
    X(SENSOR_BACK, 3)   /* which sensor, how long it was away in s */                              \
    X(SAMPLES_LOST, 4)  /* samples missed, readings failed since the last of these */              \
    X(SETTING, 5)       /* key's number, old value, new value; texts: the old one as bytes */      \
    X(MODEL, 6)         /* bytes: hash of the model that runs now */                               \
    X(HEALTH, 7)        /* see docs/LINK.md */                                                     \
    X(SUMMARY, 8)       /* see docs/LINK.md */                                                     \
    X(WINDOW, 9)        /* a kept window: record's sequence, offset; bytes: samples */             \
    X(SUPPLY, 10)       /* 1 stops for want of voltage, 0 goes on; millivolts */                   \
    X(CLOCK, 11)        /* source (1 host, 2 chip, 3 NMEA), old minus new in ms, or 0 at first */  \
    X(STORAGE, 12)      /* a write failed: the log's status */

typedef enum {
#define TML_EVENT_NUMBER(name, number) TML_EVENT_##name = number,
    TML_EVENTS(TML_EVENT_NUMBER)
#undef TML_EVENT_NUMBER
} tml_event_t;

/* Logs an event: its integers, and bytes where `bytes` is not 0. False where the log refused. */
bool tml_service_event(tml_event_t event, const int32_t *values, uint32_t count,
                       const uint8_t *data, uint32_t bytes);

#endif
