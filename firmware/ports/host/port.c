/* POSIX: the node as a native program, under the sanitizers and the fuzzers.
 *
 *   node [--storage FILE] [--device-id HEX]
 *
 * The UART is standard input and output; the program ends at the end of input. The storage file is
 * made where it is missing; without one the board has no storage. */
#include "tml/port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STORAGE_BYTES 65536u
#define ERASE_BYTES 4096u
#define PROGRAM_BYTES 4u

static char **arguments;
static int storage_file = -1;
static uint8_t device_id[TML_DEVICE_ID_BYTES] = "host-001";
static struct timespec started;

static _Noreturn void stop(const char *what) {
    perror(what);
    exit(1);
}

static void open_storage(const char *path) {
    static const uint8_t blank[ERASE_BYTES] = {0};
    storage_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat status;
    if (storage_file < 0 || fstat(storage_file, &status) != 0) {
        stop(path);
    }
    for (off_t at = status.st_size; at < (off_t)STORAGE_BYTES; at += (off_t)sizeof blank) {
        if (pwrite(storage_file, blank, sizeof blank, at) != (ssize_t)sizeof blank) {
            stop(path);
        }
    }
}

static void set_device_id(const char *hex) {
    for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        unsigned value;
        if (strlen(hex) < 2 * TML_DEVICE_ID_BYTES || sscanf(hex + 2 * i, "%2x", &value) != 1) {
            fprintf(stderr, "--device-id takes %u hex digits\n", 2 * TML_DEVICE_ID_BYTES);
            exit(2);
        }
        device_id[i] = (uint8_t)value;
    }
}

void tml_port_init(int argc, char **argv) {
    arguments = argv;
    clock_gettime(CLOCK_MONOTONIC, &started);
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--storage") == 0) {
            open_storage(argv[i + 1]);
        } else if (strcmp(argv[i], "--device-id") == 0) {
            set_device_id(argv[i + 1]);
        }
    }
}

static int input_waits(int timeout_ms) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, timeout_ms) > 0;
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    if (!input_waits(0)) {
        return 0;
    }
    ssize_t count = read(STDIN_FILENO, data, capacity);
    if (count == 0 || (count < 0 && errno != EINTR)) {
        exit(0); /* the other side has gone */
    }
    return count > 0 ? (size_t)count : 0;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    while (bytes > 0) {
        ssize_t count = write(STDOUT_FILENO, data, bytes);
        if (count < 0 && errno != EINTR) {
            exit(0);
        }
        if (count > 0) {
            data += count;
            bytes -= (size_t)count;
        }
    }
}

uint64_t tml_port_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)((now.tv_sec - started.tv_sec) * 1000000 +
                      (now.tv_nsec - started.tv_nsec) / 1000);
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    input_waits((int)max_ms);
}

_Noreturn void tml_port_reset(void) {
    execv("/proc/self/exe", arguments);
    stop("restart");
}

uint32_t tml_port_random(void) {
    uint32_t value;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &value, sizeof value) != (ssize_t)sizeof value) {
        stop("/dev/urandom");
    }
    close(file);
    return value;
}

void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    memcpy(id, device_id, TML_DEVICE_ID_BYTES);
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    return pread(storage_file, data, bytes, (off_t)offset) == (ssize_t)bytes ? 0 : -1;
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    uint8_t cells[ERASE_BYTES];
    if (bytes > sizeof cells || storage_read(context, offset, cells, bytes) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        cells[i] &= ((const uint8_t *)data)[i];
    }
    return pwrite(storage_file, cells, bytes, (off_t)offset) == (ssize_t)bytes ? 0 : -1;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    uint8_t blank[ERASE_BYTES];
    memset(blank, 0xFF, sizeof blank);
    for (uint32_t at = 0; at < bytes; at += ERASE_BYTES) {
        if (pwrite(storage_file, blank, ERASE_BYTES, (off_t)(offset + at)) != ERASE_BYTES) {
            return -1;
        }
    }
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = STORAGE_BYTES,
        .erase_bytes = ERASE_BYTES,
        .program_bytes = PROGRAM_BYTES,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return storage_file < 0 ? NULL : &storage;
}
