/* ATmega328P and ATmega2560 at 16 MHz: UART 0 by interrupt, Timer 1 for the time.
 * Source: the microcontrollers' data sheets. */
#include "Arduino.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#ifdef USART_RX_vect
#define RECEIVED USART_RX_vect
#else
#define RECEIVED USART0_RX_vect
#endif

HardwareSerial Serial;

static volatile uint8_t ring[128];
static volatile uint8_t head, tail;
static volatile uint32_t overflows;

ISR(RECEIVED) {
    ring[head] = UDR0;
    head = (uint8_t)((head + 1u) % sizeof ring);
}

ISR(TIMER1_OVF_vect) {
    overflows++;
}

unsigned long micros(void) {
    const uint8_t flags = SREG;
    cli();
    const uint16_t ticks = TCNT1;
    const uint32_t high = overflows + ((TIFR1 & 1u) && ticks < 0x8000u ? 1u : 0u);
    SREG = flags;
    return (uint32_t)(((uint64_t)high << 16 | ticks) / 2u); /* 2 MHz */
}

void delay(unsigned long ms) {
    const unsigned long start = micros();
    while (micros() - start < ms * 1000u) {
    }
}

int analogRead(uint8_t pin) {
    return (int)(TCNT1 % 1024u) ^ pin;
}

void pinMode(uint8_t, uint8_t) {
}

void digitalWrite(uint8_t, uint8_t) {
}

int digitalRead(uint8_t) {
    return LOW;
}

void HardwareSerial::begin(unsigned long baud) {
    UBRR0 = (uint16_t)(16000000UL / 8u / baud - 1u);
    UCSR0A = 1 << U2X0;
    UCSR0C = 3 << UCSZ00;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0;
}

int HardwareSerial::available() {
    return (uint8_t)(head - tail) % (int)sizeof ring;
}

int HardwareSerial::read() {
    if (head == tail) {
        return -1;
    }
    const uint8_t byte = ring[tail];
    tail = (uint8_t)((tail + 1u) % sizeof ring);
    return byte;
}

size_t HardwareSerial::write(const uint8_t *data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        while (!(UCSR0A & (1 << UDRE0))) {
        }
        UDR0 = data[i];
    }
    return bytes;
}

size_t HardwareSerial::println(const char *text) {
    write((const uint8_t *)text, strlen(text));
    write((const uint8_t *)"\r\n", 2);
    return strlen(text) + 2;
}

int main() {
    TCCR1A = 0;
    TCCR1B = 1 << CS11; /* a tick is 8 cycles */
    TIMSK1 = 1 << TOIE1;
    sei();
    setup();
    for (;;) {
        loop();
    }
}
