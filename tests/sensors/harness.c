/* A driver on a host, under the sanitizers: tests do what a port does, over standard input and
 * output. Each line asks, and gets a line as an answer:
 *
 *   from the test   table | begin PERIOD_US | start | read
 *   answered by     = STATUS [COUNT ...]
 *   meanwhile asked i2c ADDRESS BYTES COUNT LIMIT_US | one_wire BYTES COUNT | adc INPUT |
 *                   uart CAPACITY | send BYTES | now | idle MS
 *   answered by     STATUS BYTES, or a number
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include DRIVER_HEADER

#include "tml/port.h"

#define MOST_BYTES 1024u
#define LINE_BYTES (4u * MOST_BYTES)

static char line[LINE_BYTES];

static const char *ask(void) {
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        exit(0);
    }
    return line;
}

static void put_hex(const uint8_t *data, uint32_t bytes) {
    putchar(bytes == 0 ? '-' : ' ');
    for (uint32_t i = 0; i < bytes; ++i) {
        printf("%02x", data[i]);
    }
}

static int answer(uint8_t *read, uint32_t count, uint32_t *got) {
    int used = 0;
    int status = 0;
    const char *text = ask();
    if (sscanf(text, "%d%n", &status, &used) != 1) {
        abort();
    }
    const char *hex = text + used;
    *got = 0;
    unsigned value;
    while (*got < count && sscanf(hex, " %2x%n", &value, &used) == 1) {
        read[(*got)++] = (uint8_t)value;
        hex += used;
    }
    return status;
}

static tml_bus_status_t i2c(void *context, uint8_t address, const uint8_t *write,
                            uint32_t write_bytes, uint8_t *read, uint32_t read_bytes,
                            uint32_t limit_us) {
    (void)context;
    uint32_t got;
    printf("i2c %u ", address);
    put_hex(write, write_bytes);
    printf(" %" PRIu32 " %" PRIu32 "\n", read_bytes, limit_us);
    return (tml_bus_status_t)answer(read, read_bytes, &got);
}

static tml_bus_status_t one_wire(void *context, const uint8_t *write, uint32_t write_bytes,
                                 uint8_t *read, uint32_t read_bytes) {
    (void)context;
    uint32_t got;
    printf("one_wire ");
    put_hex(write, write_bytes);
    printf(" %" PRIu32 "\n", read_bytes);
    return (tml_bus_status_t)answer(read, read_bytes, &got);
}

static int32_t uart_read(void *context, uint8_t *data, uint32_t capacity) {
    (void)context;
    uint32_t got;
    printf("uart %" PRIu32 "\n", capacity);
    const int status = answer(data, capacity, &got);
    return status < 0 ? status : (int32_t)got;
}

static tml_bus_status_t uart_write(void *context, const uint8_t *data, uint32_t bytes,
                                   uint32_t limit_us) {
    (void)context;
    (void)limit_us;
    uint32_t got;
    printf("send ");
    put_hex(data, bytes);
    printf("\n");
    return (tml_bus_status_t)answer(NULL, 0, &got);
}

static tml_bus_status_t adc(void *context, uint8_t input, int32_t *microvolts) {
    (void)context;
    int status;
    printf("adc %u\n", input);
    if (sscanf(ask(), "%d %" SCNd32, &status, microvolts) != 2) {
        abort();
    }
    return (tml_bus_status_t)status;
}

uint64_t tml_port_monotonic_us(void) {
    uint64_t now;
    printf("now\n");
    if (sscanf(ask(), "%" SCNu64, &now) != 1) {
        abort();
    }
    return now;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    printf("idle %" PRIu32 "\n", max_ms);
    ask();
}

static void put_table(const tml_sensor_t *sensor) {
    printf("= 0 %s %u %u %" PRIu32, sensor->name, sensor->channel_count, sensor->buffered,
           sensor->limit_us);
    for (uint32_t i = 0; i < sensor->channel_count && sensor->channels != NULL; ++i) {
        printf(" %s %s %.9g", sensor->channels[i].name, sensor->channels[i].unit,
               (double)sensor->channels[i].scale);
    }
    printf("\n");
}

int main(void) {
    static const tml_bus_t bus = {.i2c = i2c,
                                  .uart_read = uart_read,
                                  .uart_write = uart_write,
                                  .adc = adc,
                                  .one_wire = one_wire};
    static DRIVER_TYPE driver = {.place = {.bus = &bus, .address = DRIVER_ADDRESS}, DRIVER_OPTIONS};
    const tml_sensor_t sensor = DRIVER_SENSOR(&driver);
    int32_t *counts = calloc(sensor.channel_count, sizeof *counts);
    for (;;) {
        const char *command = ask();
        if (strncmp(command, "table", 5) == 0) {
            put_table(&sensor);
        } else if (strncmp(command, "begin", 5) == 0) {
            printf("= %d\n", sensor.begin(sensor.context, strtoull(command + 6, NULL, 10)));
        } else if (strncmp(command, "start", 5) == 0) {
            printf("= %d\n", sensor.start == NULL ? 0 : sensor.start(sensor.context));
        } else {
            for (uint32_t i = 0; i < sensor.channel_count; ++i) {
                counts[i] = INT32_MIN; /* means nothing unless it is OK */
            }
            printf("= %d", sensor.read(sensor.context, counts));
            for (uint32_t i = 0; i < sensor.channel_count; ++i) {
                printf(" %" PRId32, counts[i]);
            }
            printf("\n");
        }
    }
}
