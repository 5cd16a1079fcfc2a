/* ATmega328P and ATmega2560: USART0, Timer 1, EEPROM, watchdog, alike on both.
 * Source: data sheets DS40002061 and DS40002211; registers by their names there. */
#include "tml/port.h"

#include TML_BOARD_HEADER

#include "../common/identity.h"
#include "../common/ring.h"

#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <string.h>
#include <util/atomic.h>

#define UART_BAUD 115200u
/* At double speed, rounded: 117647 baud, 2.1 % too fast, as every Arduino is. */
#define UART_DIVIDER ((TML_CLOCK_HZ / 4u / UART_BAUD - 1u) / 2u)
#define TICK_US 4u /* of Timer 1, 64 cycles */
#define TICKS_A_MS (1000u / TICK_US)
#define LONGEST_ALARM_MS 200u /* less than a round of the timer */

#ifdef USART_RX_vect
#define UART_RECEIVED_vect USART_RX_vect
#else
#define UART_RECEIVED_vect USART0_RX_vect
#endif

#define NUMBER_PLACE (E2END + 1u - TML_DEVICE_ID_BYTES)
#define BOOTS_PLACE (NUMBER_PLACE - 4u)

static tml_ring_t ring;
static volatile uint32_t rounds; /* of Timer 1 */
static uint32_t random_state;

/* The boot loader starts the image by its watchdog, which would bite again before main. */
static void stop_watchdog(void) __attribute__((naked, used, section(".init3")));
static void stop_watchdog(void) {
    MCUSR = 0;
    wdt_disable();
}

/* The UART holds two bytes more: where the ring is full they wait, until it has room. */
ISR(UART_RECEIVED_vect) {
    if (tml_ring_is_full(&ring)) {
        UCSR0B &= (uint8_t) ~(1u << RXCIE0);
    } else {
        tml_ring_put(&ring, UDR0);
    }
}

ISR(TIMER1_OVF_vect) {
    rounds++;
}

ISR(TIMER1_COMPA_vect) {
    /* It wakes, no more. */
}

/* QEMU has neither EEPROM nor watchdog, whose registers read as 0, and wakes from sleep before the
 * sleep instruction instead of behind it, to sleep on for ever. */
static bool is_qemu(void) {
    EEAR = 1;
    return EEAR != 1;
}

/* Lets interrupts in, as sei() does. QEMU looks for one that waits only behind a reti. */
__attribute__((naked, noinline)) static void take_interrupts(void) {
    __asm volatile("reti");
}

/* Conversions of an open pin: their lowest bits are noise. */
static uint32_t adc_noise(void) {
    uint32_t noise = 0;
    ADMUX = 1u << REFS0;
    for (uint8_t i = 0; i < 64; i++) {
        ADCSRA = (1u << ADEN) | (1u << ADSC) | 7u;
        while (ADCSRA & (1u << ADSC)) {
        }
        noise = (noise << 1 | noise >> 31) ^ ADC;
    }
    ADCSRA = 0;
    return noise;
}

/* The chip has neither a random generator nor a number of its own. */
static void seed_random(void) {
    uint32_t boots = eeprom_read_dword((const uint32_t *)BOOTS_PLACE) + 1u;
    eeprom_update_dword((uint32_t *)BOOTS_PLACE, boots);
    uint32_t number[2];
    eeprom_read_block(number, (const void *)NUMBER_PLACE, sizeof number);
    random_state = tml_mixed(boots) ^ number[0] ^ tml_mixed(number[1] ^ tml_mixed(adc_noise()));
}

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    TCCR1A = 0;
    TCCR1B = (1u << CS11) | (1u << CS10);
    TIMSK1 = 1u << TOIE1;
    UBRR0 = UART_DIVIDER;
    UCSR0A = 1u << U2X0;
    UCSR0C = 3u << UCSZ00;
    UCSR0B = (1u << RXEN0) | (1u << TXEN0);
    (void)UDR0; /* without this read an emulated UART may never receive */
    UCSR0B |= 1u << RXCIE0;
    set_sleep_mode(SLEEP_MODE_IDLE);
    seed_random();
    sei();
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    const size_t count = tml_ring_take(&ring, data, capacity);
    UCSR0B |= 1u << RXCIE0;
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (!(UCSR0A & (1u << UDRE0))) {
        }
        UDR0 = data[i];
    }
}

static uint64_t ticks(void) {
    uint16_t low;
    uint32_t high;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        low = TCNT1;
        high = rounds;
        if ((TIFR1 & (1u << TOV1)) && low < 0x8000u) {
            high++;
        }
    }
    return (uint64_t)high << 16 | low;
}

uint64_t tml_port_monotonic_us(void) {
    return ticks() * TICK_US;
}

uint64_t tml_port_monotonic_ms(void) {
    return ticks() / TICKS_A_MS;
}

void tml_port_idle(uint32_t max_ms) {
    const uint64_t end = ticks() + (uint64_t)max_ms * TICKS_A_MS;
    const uint32_t alarm_ms = max_ms < LONGEST_ALARM_MS ? max_ms : LONGEST_ALARM_MS;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        OCR1A = (uint16_t)(TCNT1 + alarm_ms * TICKS_A_MS);
    }
    TIFR1 = 1u << OCF1A;
    TIMSK1 |= 1u << OCIE1A;
    while (tml_ring_is_empty(&ring) && ticks() < end) {
        cli();
        if (tml_ring_is_empty(&ring) && !is_qemu()) {
            sleep_enable();
            sei(); /* takes effect behind the next instruction */
            sleep_cpu();
            sleep_disable();
        }
        take_interrupts();
    }
    TIMSK1 &= (uint8_t) ~(1u << OCIE1A);
}

_Noreturn void tml_port_reset(void) {
    if (is_qemu()) {
        cli();
        __asm volatile("jmp 0");
    }
    wdt_enable(WDTO_15MS);
    for (;;) {
    }
}

uint32_t tml_port_random(void) {
    return tml_next_random(&random_state, (uint32_t)ticks());
}

/* A random number, made when the chip starts for the first time. */
void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
    bool blank = true;
    eeprom_read_block(id, (const void *)NUMBER_PLACE, TML_DEVICE_ID_BYTES);
    for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        blank = blank && id[i] == 0xFF;
    }
    if (blank) {
        for (size_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
            id[i] = (uint8_t)tml_port_random();
        }
        eeprom_update_block(id, (void *)NUMBER_PLACE, TML_DEVICE_ID_BYTES);
    }
}

static int storage_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
    (void)context;
    eeprom_read_block(data, (const void *)(uint16_t)offset, (size_t)bytes);
    return 0;
}

static int storage_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
    (void)context;
    eeprom_update_block(data, (void *)(uint16_t)offset, (size_t)bytes);
    return 0;
}

static int storage_erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    for (uint16_t i = 0; i < bytes; i++) {
        eeprom_update_byte((uint8_t *)(uint16_t)offset + i, 0xFF);
    }
    return 0;
}

const tml_block_device_t *tml_port_storage(void) {
    static const tml_block_device_t storage = {
        .context = NULL,
        .size_bytes = TML_ATMEGA_STORAGE_BYTES,
        .erase_bytes = TML_ATMEGA_STORAGE_BLOCK,
        .program_bytes = 1,
        .read = storage_read,
        .program = storage_program,
        .erase = storage_erase,
    };
    return is_qemu() ? NULL : &storage;
}
