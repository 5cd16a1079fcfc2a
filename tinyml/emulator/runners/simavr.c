/* An AVR board on simavr, at the speed of the real one.
 *
 *   simavr MCU HERTZ UART FLASH START NUMBER SEED
 *
 * UART is the TCP port of this machine at which this program connects its UART 0. FLASH is a
 * file with the content of the whole flash, whose size it has, START the address at which the chip
 * starts. NUMBER (16 hex digits) and SEED (decimal) go to the end of the EEPROM, where the firmware
 * keeps who it is. Each line on the standard input means the reset pin; its end ends the program.
 *
 * Source: simavr's headers, and its examples for how UART interrupts and cycle timers are used. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_eeprom.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>

#define SLICE_US 500u               /* of the board's time, between looks at the outside */
#define LATEST_NS INT64_C(50000000) /* behind by more, it does not try to catch up */
#define NUMBER_BYTES 8u

static avr_t *avr;
static avr_irq_t *to_uart;
static int client = -1;
static int uart_listens = 1;

static void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* simavr's own would sleep in real time: here run_to_now does. */
static void do_not_sleep(avr_t *chip, avr_cycle_count_t cycles) {
    (void)chip;
    (void)cycles;
}

static void log_errors(avr_t *chip, const int level, const char *format, va_list arguments) {
    (void)chip;
    if (level <= LOG_ERROR) {
        vfprintf(stderr, format, arguments);
    }
}

static avr_cycle_count_t end_of_slice(avr_t *chip, avr_cycle_count_t when, void *parameter) {
    (void)chip;
    (void)when;
    (void)parameter;
    return 0;
}

static void on_sent(avr_irq_t *irq, uint32_t value, void *parameter) {
    (void)irq;
    (void)parameter;
    const uint8_t byte = (uint8_t)value;
    while (client >= 0 && write(client, &byte, 1) < 0 && errno == EINTR) {
    }
}

static void on_room(avr_irq_t *irq, uint32_t value, void *parameter) {
    (void)irq;
    (void)value;
    uart_listens = parameter != NULL;
}

static void connect_uart(void) {
    uint32_t flags = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    to_uart = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
                            on_sent, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON),
                            on_room, avr);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF),
                            on_room, NULL);
}

static uint32_t size_of(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0 || status.st_size == 0) {
        die("the flash's content is missing");
    }
    return (uint32_t)status.st_size;
}

static void load_flash(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(avr->flash, 1, avr->flashend + 1, file) != avr->flashend + 1) {
        die("the flash's content cannot be read");
    }
    fclose(file);
}

static void set_identity(const char *number, const char *seed) {
    uint8_t bytes[4 + NUMBER_BYTES];
    const uint32_t boots = (uint32_t)strtoul(seed, NULL, 10);
    for (uint32_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(boots >> (8 * i));
    }
    for (uint32_t i = 0; i < NUMBER_BYTES; i++) {
        unsigned value = 0xFF;
        sscanf(number + 2 * i, "%2x", &value);
        bytes[4 + i] = (uint8_t)value;
    }
    avr_eeprom_desc_t place = {bytes, (uint16_t)(avr->e2end + 1u - sizeof bytes), sizeof bytes};
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &place);
}

static int connect_to(const char *port) {
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    if (connection < 0 ||
        connect(connection, (const struct sockaddr *)&address, sizeof address) < 0 ||
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) {
        die("the UART cannot be connected");
    }
    return connection;
}

static void reset_pin(void) {
    avr_reset(avr);
    avr_regbit_set(avr, avr->reset_flags.extrf);
    uart_listens = 1;
}

static void obey(void) {
    char line[64];
    const ssize_t count = read(STDIN_FILENO, line, sizeof line);
    if (count <= 0) {
        exit(0);
    }
    for (ssize_t i = 0; i < count; i++) {
        if (line[i] == '\n') {
            reset_pin();
        }
    }
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What has come for the board, byte by byte and only while its UART has room. */
static void feed_uart(void) {
    while (uart_listens) {
        uint8_t byte;
        const ssize_t count = recv(client, &byte, 1, MSG_DONTWAIT);
        if (count == 0) {
            exit(0);
        }
        if (count < 0) {
            return;
        }
        avr_raise_irq(to_uart, byte);
    }
}

/* Waits until the board's time has come, or something for it. */
static void look_outside(int64_t wait_ns) {
    struct pollfd files[] = {{STDIN_FILENO, POLLIN, 0}, {client, uart_listens ? POLLIN : 0, 0}};
    const int wait_ms = wait_ns > 0 ? (int)(wait_ns / 1000000) : 0;
    if (poll(files, 2, wait_ms) > 0) {
        if (files[0].revents != 0) {
            obey();
        }
        if (files[1].revents != 0) {
            feed_uart();
        }
    }
}

static void run_slice(avr_cycle_count_t cycles) {
    const avr_cycle_count_t end = avr->cycle + cycles;
    /* Sleep ends at the next timer: this one, at the latest. A reset removes it. */
    avr_cycle_timer_register(avr, cycles, end_of_slice, NULL);
    while (avr->cycle < end) {
        const int state = avr_run(avr);
        if (state == cpu_Crashed || state == cpu_Done) {
            die("the program crashed: it ran into nowhere, or sleeps with interrupts off");
        }
    }
}

static void run(uint32_t hertz) {
    int64_t start_ns = now_ns();
    avr_cycle_count_t start = avr->cycle;
    for (;;) {
        run_slice(hertz / 1000000u * SLICE_US);
        const int64_t due_ns = start_ns + (int64_t)((avr->cycle - start) * 1000000000 / hertz);
        const int64_t wait_ns = due_ns - now_ns();
        if (wait_ns < -LATEST_NS) {
            start_ns = now_ns();
            start = avr->cycle;
        }
        look_outside(wait_ns);
    }
}

int main(int count, char **arguments) {
    if (count != 8) {
        die("MCU HERTZ UART FLASH START NUMBER SEED");
    }
    const uint32_t hertz = (uint32_t)strtoul(arguments[2], NULL, 10);
    avr = avr_make_mcu_by_name(arguments[1]);
    if (avr == NULL || hertz == 0) {
        die("simavr does not know this chip");
    }
    avr_global_logger_set(log_errors);
    avr->flashend = size_of(arguments[4]) - 1;
    avr_init(avr);
    avr->frequency = hertz;
    avr->sleep = do_not_sleep;
    avr->codeend = avr->flashend;
    load_flash(arguments[4]);
    avr->reset_pc = (avr_flashaddr_t)strtoul(arguments[5], NULL, 10);
    avr->pc = avr->reset_pc;
    set_identity(arguments[6], arguments[7]);
    connect_uart();
    client = connect_to(arguments[3]);
    run(hertz);
}
