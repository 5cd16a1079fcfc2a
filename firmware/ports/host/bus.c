/* Buses of the native program: parts are models in another program, which answers at the TCP port
 * of this computer that the environment names in TINYML_PARTS. tinyml/emulator/wiring.py describes
 * what is asked; a bus's name is its index. Without the variable there is no bus. */
#include "tml/bus.h"

#include "bus_select.h"

#include "tml/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_VARIABLE "TINYML_PARTS"
#define LINE_BYTES 1024
#define CLOCKS_TO_FREE 9u
#define BYTE_CLOCKS 8u
#define ANSWERS_ALL 0xFFu /* a byte of a part that is not there */

static const tml_bus_place_t PLACES[] = TML_BUSES;
static uint32_t indices[TML_BUS_COUNT];
static tml_bus_t buses[TML_BUS_COUNT];
static FILE *parts;
static char answer[LINE_BYTES];

static _Noreturn void stop(const char *what) {
    perror(what);
    exit(1);
}

static void reach(const char *port) {
    const struct sockaddr_in place = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)atoi(port)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int yes = 1;
    const int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line < 0 || connect(line, (const struct sockaddr *)&place, sizeof place) != 0 ||
        setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        (parts = fdopen(line, "r+")) == NULL) {
        stop(PORT_VARIABLE);
    }
}

/* What the parts answer; the program ends where they have. */
__attribute__((format(printf, 2, 3))) static const char *ask(const void *context,
                                                             const char *format, ...) {
    va_list values;
    fprintf(parts, "%u %llu ", *(const uint32_t *)context,
            (unsigned long long)tml_port_monotonic_us());
    va_start(values, format);
    vfprintf(parts, format, values);
    va_end(values);
    fputc('\n', parts);
    if (fflush(parts) != 0 || fgets(answer, sizeof answer, parts) == NULL) {
        exit(0);
    }
    return answer;
}

static bool agrees(const char *said) {
    return said[0] == '1';
}

static void ask_bytes(const void *context, const char *verb, const uint8_t *data, uint32_t bytes) {
    char hex[LINE_BYTES / 2];
    uint32_t used = 0;
    for (uint32_t i = 0; i < bytes && used + 3u < sizeof hex; ++i) {
        used += (uint32_t)snprintf(hex + used, sizeof hex - used, "%02x", data[i]);
    }
    ask(context, "%s %s", verb, hex);
}

/* Bytes of an answer in hexadecimal; returns how many. */
static uint32_t bytes_of(const char *said, uint8_t *data, uint32_t capacity) {
    uint32_t count = 0;
    unsigned byte;
    while (count < capacity && sscanf(said + 2u * count, "%2x", &byte) == 1) {
        data[count++] = (uint8_t)byte;
    }
    return count;
}

static tml_bus_status_t begin(const void *context, uint8_t address, bool reads, uint32_t limit_us) {
    const char *said = ask(context, "start %02x", (unsigned)(address << 1 | (reads ? 1 : 0)));
    if (!agrees(said)) {
        return TML_BUS_NACK;
    }
    return strtoul(said + 2, NULL, 10) > limit_us ? TML_BUS_TIMEOUT : TML_BUS_OK;
}

static bool is_held(const void *context) {
    for (uint32_t i = 0; i < CLOCKS_TO_FREE && agrees(ask(context, "held")); ++i) {
        ask(context, "clock");
    }
    return agrees(ask(context, "held"));
}

static tml_bus_status_t i2c(void *context, uint8_t address, const uint8_t *write,
                            uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                            uint32_t limit_us) {
    tml_bus_status_t status = TML_BUS_OK;
    if (is_held(context)) {
        return TML_BUS_STUCK;
    }
    if (write_bytes > 0 || read_bytes == 0) {
        status = begin(context, address, false, limit_us);
    }
    for (uint32_t i = 0; i < write_bytes && status == TML_BUS_OK; ++i) {
        status = agrees(ask(context, "put %02x", write[i])) ? TML_BUS_OK : TML_BUS_NACK;
    }
    if (status == TML_BUS_OK && read_bytes > 0) {
        status = begin(context, address, true, limit_us);
    }
    for (uint32_t i = 0; i < read_bytes && status == TML_BUS_OK; ++i) {
        (void)bytes_of(ask(context, "get"), &read[i], 1);
    }
    ask(context, "stop");
    return status;
}

static int32_t uart_read(void *context, uint8_t *data, uint32_t capacity) {
    static uint8_t waiting[LINE_BYTES / 2];
    static uint32_t count;
    count += bytes_of(ask(context, "take"), waiting + count, (uint32_t)sizeof waiting - count);
    const uint32_t taken = count < capacity ? count : capacity;
    memcpy(data, waiting, taken);
    memmove(waiting, waiting + taken, count - taken);
    count -= taken;
    return (int32_t)taken;
}

static tml_bus_status_t uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                   uint32_t limit_us) {
    (void)limit_us;
    ask_bytes(context, "give", data, bytes);
    return TML_BUS_OK;
}

static tml_bus_status_t adc(void *context, uint8_t input, int32_t *microvolts) {
    *microvolts = (int32_t)strtol(ask(context, "sample %u", input), NULL, 10);
    return TML_BUS_OK;
}

static uint8_t one_wire_byte(void *context, uint8_t value) {
    uint32_t read = 0;
    for (uint32_t i = 0; i < BYTE_CLOCKS; ++i) {
        read |= (agrees(ask(context, "slot %u", value >> i & 1u)) ? 1u : 0u) << i;
    }
    return (uint8_t)read;
}

static tml_bus_status_t one_wire(void *context, const uint8_t *write, uint32_t write_bytes,
                                 uint8_t *read, uint32_t read_bytes) {
    if (agrees(ask(context, "held"))) {
        return TML_BUS_STUCK;
    }
    if (!agrees(ask(context, "reset"))) {
        return TML_BUS_NACK;
    }
    for (uint32_t i = 0; i < write_bytes; ++i) {
        (void)one_wire_byte(context, write[i]);
    }
    for (uint32_t i = 0; i < read_bytes; ++i) {
        read[i] = one_wire_byte(context, ANSWERS_ALL);
    }
    return TML_BUS_OK;
}

static tml_bus_t bus_of(uint32_t index) {
    tml_bus_t bus = {.context = &indices[index]};
    indices[index] = index;
    bus.i2c = PLACES[index].kind == TML_BUS_I2C ? i2c : NULL;
    bus.uart_read = PLACES[index].kind == TML_BUS_UART ? uart_read : NULL;
    bus.uart_write = PLACES[index].kind == TML_BUS_UART ? uart_write : NULL;
    bus.adc = PLACES[index].kind == TML_BUS_ADC ? adc : NULL;
    bus.one_wire = PLACES[index].kind == TML_BUS_ONE_WIRE ? one_wire : NULL;
    return bus;
}

const tml_bus_t *tml_port_bus(uint32_t index) {
    const char *port = getenv(PORT_VARIABLE);
    if (index >= TML_BUS_COUNT || port == NULL) {
        return NULL;
    }
    if (parts == NULL) {
        reach(port);
    }
    if (buses[index].context == NULL) {
        buses[index] = bus_of(index);
    }
    return &buses[index];
}
