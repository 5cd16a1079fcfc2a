#include "Arduino.h"

#include "../serial.h"

HardwareSerial Serial;

static uint8_t pins[64];

/* As if a boot loader had waited for 50 minutes: nothing may take this for zero. */
unsigned long micros(void) {
    static const uint64_t start_us = stub_time_us();
    return (uint32_t)(stub_time_us() - start_us + 3000000000u);
}

void delay(unsigned long ms) {
    usleep((useconds_t)(ms * 1000u));
}

int analogRead(uint8_t pin) {
    return (int)(stub_time_us() % 1024u) ^ pin;
}

void pinMode(uint8_t, uint8_t) {
}

void digitalWrite(uint8_t pin, uint8_t value) {
    pins[pin] = value;
}

int digitalRead(uint8_t pin) {
    return pins[pin];
}

void HardwareSerial::begin(unsigned long) {
}

int HardwareSerial::available() {
    return stub_serial_waiting(0);
}

int HardwareSerial::read() {
    uint8_t byte = 0;
    return stub_serial_read(&byte, 1) == 1 ? byte : -1;
}

size_t HardwareSerial::write(const uint8_t *data, size_t bytes) {
    stub_serial_write(data, bytes);
    return bytes;
}

size_t HardwareSerial::println(const char *text) {
    stub_serial_write((const uint8_t *)text, strlen(text));
    stub_serial_write((const uint8_t *)"\r\n", 2);
    return strlen(text) + 2;
}

int main() {
    setup();
    for (;;) {
        loop();
    }
}
