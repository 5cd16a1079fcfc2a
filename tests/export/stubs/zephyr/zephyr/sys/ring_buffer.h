/* Source: Zephyr API documentation, Ring Buffers. */
#include <stdint.h>

struct ring_buf {
    uint8_t *data;
    uint32_t size;
    uint32_t head, tail; /* counts of bytes ever put and got */
};

#define RING_BUF_DECLARE(name, bytes)                                                              \
    static uint8_t name##_data[bytes];                                                             \
    struct ring_buf name = {name##_data, bytes, 0, 0}

uint32_t ring_buf_put(struct ring_buf *buffer, const uint8_t *data, uint32_t size);
uint32_t ring_buf_get(struct ring_buf *buffer, uint8_t *data, uint32_t size);
