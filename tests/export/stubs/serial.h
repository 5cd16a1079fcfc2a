/* A serial port on standard input and output, for native programs. */
#ifndef STUB_SERIAL_H
#define STUB_SERIAL_H

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline int stub_serial_waiting(int timeout_ms) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, timeout_ms) > 0;
}

static inline int stub_serial_read(uint8_t *data, size_t capacity) {
    if (!stub_serial_waiting(0)) {
        return 0;
    }
    const ssize_t count = read(STDIN_FILENO, data, capacity);
    if (count <= 0) {
        exit(0); /* the other end is gone */
    }
    return (int)count;
}

static inline void stub_serial_write(const uint8_t *data, size_t bytes) {
    while (bytes > 0) {
        const ssize_t count = write(STDOUT_FILENO, data, bytes);
        if (count < 0) {
            exit(0);
        }
        data += count;
        bytes -= (size_t)count;
    }
}

static inline uint64_t stub_time_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

#endif
