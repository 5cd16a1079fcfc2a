/* What a node's log holds besides inferences. docs/LINK.md is the same for people; the table in
 * tinyml/device/event.py is compared with this one by a test. */
#ifndef TML_EVENT_H
#define TML_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* Each carries integers, in this order, and bytes. Numbers are never used again. */
typedef enum {
    TML_EVENT_SENSOR_FAILED = 2, /* which one, its status, failures since boot; its name */
    TML_EVENT_SENSOR_BACK = 3,   /* which one, for how many seconds it was away; its name */
} tml_event_t;

/* Logs an event: its integers, and bytes where `bytes` is not 0. False where the log refused. */
bool tml_service_event(tml_event_t event, const int32_t *values, uint32_t count,
                       const uint8_t *data, uint32_t bytes);

#endif
