/* Any board with an Arduino core. `Serial`, or what TML_SERIAL names, is the link to the host. */
#include <Arduino.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern "C" {
#include "tml/port.h"
}

#ifdef __AVR__
#include <avr/eeprom.h>
#include <avr/wdt.h>
#endif

#ifndef TML_SERIAL
#define TML_SERIAL Serial
#endif

namespace {

constexpr unsigned long BAUD = 115200;
constexpr uint32_t LONGEST_STEP_BACK_US = 1000000u;

uint32_t random_state;
uint32_t last_us;

uint32_t mixed(uint32_t value) { /* the finisher of splitmix32 */
    value = (value ^ (value >> 16)) * 0x21F0AAADu;
    value = (value ^ (value >> 15)) * 0x735A2D97u;
    return value ^ (value >> 15);
}

} // namespace

extern "C" {

void tml_port_init(int argc, char **argv) {
    (void)argc;
    (void)argv;
    TML_SERIAL.begin(BAUD);
    last_us = static_cast<uint32_t>(micros()); /* a boot loader or setup() may have run for long */
}

size_t tml_port_uart_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && TML_SERIAL.available() > 0) {
        data[count++] = static_cast<uint8_t>(TML_SERIAL.read());
    }
    return count;
}

void tml_port_uart_write(const uint8_t *data, size_t bytes) {
    TML_SERIAL.write(data, bytes);
}

/* micros() wraps after 71 minutes; the loop comes by more often. On some cores it steps back by a
 * few microseconds at times, which must not pass for having wrapped. */
uint64_t tml_port_monotonic_us(void) {
    static uint64_t total_us;
    const uint32_t now_us = static_cast<uint32_t>(micros());
    const uint32_t elapsed_us = now_us - last_us;
    if (elapsed_us <= UINT32_MAX - LONGEST_STEP_BACK_US) {
        total_us += elapsed_us;
        last_us = now_us;
    }
    return total_us;
}

uint64_t tml_port_monotonic_ms(void) {
    return tml_port_monotonic_us() / 1000u;
}

void tml_port_idle(uint32_t max_ms) {
    if (TML_SERIAL.available() <= 0) {
        delay(max_ms < 1u ? max_ms : 1u);
    }
}

void tml_port_reset(void) {
#if defined(ARDUINO_ARCH_ESP32) || defined(ARDUINO_ARCH_ESP8266)
    ESP.restart();
#elif defined(__AVR__)
    wdt_enable(WDTO_15MS);
#elif defined(__arm__)
    *reinterpret_cast<volatile uint32_t *>(0xE000ED0Cu) = 0x05FA0004u; /* AIRCR */
#endif
    for (;;) {
    }
}

/* The noise of an open analog pin and the time at which it is read; an ESP32 has better. */
uint32_t tml_port_random(void) {
#ifdef ARDUINO_ARCH_ESP32
    return esp_random();
#else
    for (uint8_t i = 0; i < 32; i++) {
        random_state = (random_state << 1 | random_state >> 31) ^
                       static_cast<uint32_t>(analogRead(A0)) ^ static_cast<uint32_t>(micros());
    }
    random_state += 0x9E3779B9u;
    return mixed(random_state);
#endif
}

/* A number that the core's maker gave it. Where there is none, or none that is known here, an AVR
 * keeps a random one in its EEPROM; for others define TML_DEVICE_ID, a different one a board. */
void tml_port_device_id(uint8_t id[TML_DEVICE_ID_BYTES]) {
#if defined(TML_DEVICE_ID)
    const uint64_t number = TML_DEVICE_ID;
    memcpy(id, &number, TML_DEVICE_ID_BYTES);
#elif defined(ARDUINO_ARCH_ESP32)
    const uint64_t number = ESP.getEfuseMac();
    memcpy(id, &number, TML_DEVICE_ID_BYTES);
#elif defined(ARDUINO_ARCH_SAMD) && defined(__SAMD21__)
    memcpy(id, reinterpret_cast<const void *>(0x0080A040u), TML_DEVICE_ID_BYTES);
#elif defined(NRF52) || defined(NRF52840_XXAA) || defined(ARDUINO_ARCH_NRF52840)
    memcpy(id, reinterpret_cast<const void *>(0x10000060u), TML_DEVICE_ID_BYTES); /* DEVICEID */
#elif defined(__AVR__)
    uint8_t *const place = reinterpret_cast<uint8_t *>(E2END + 1 - TML_DEVICE_ID_BYTES);
    eeprom_read_block(id, place, TML_DEVICE_ID_BYTES);
    bool blank = true;
    for (uint8_t i = 0; i < TML_DEVICE_ID_BYTES; i++) {
        blank = blank && id[i] == 0xFF;
    }
    if (blank) {
        const uint32_t halves[] = {tml_port_random(), tml_port_random()};
        memcpy(id, halves, TML_DEVICE_ID_BYTES);
        eeprom_update_block(id, place, TML_DEVICE_ID_BYTES);
    }
#else
    const uint32_t halves[] = {tml_port_random(), tml_port_random()};
    memcpy(id, halves, TML_DEVICE_ID_BYTES);
#endif
}

/* Arduino has no storage that all boards share: the log is in RAM, and a new one at each boot. */
const tml_block_device_t *tml_port_storage(void) {
    return nullptr;
}

} // extern "C"
