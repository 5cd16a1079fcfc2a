/* Source: Arduino language reference. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LOW 0
#define HIGH 1
#define OUTPUT 1
#define LED_BUILTIN 13
#define A0 14

extern "C" {
unsigned long micros(void);
void delay(unsigned long ms);
int analogRead(uint8_t pin);
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int digitalRead(uint8_t pin);
}

class HardwareSerial {
  public:
    void begin(unsigned long baud);
    int available();
    int read();
    size_t write(const uint8_t *data, size_t bytes);
    size_t println(const char *text);
};

extern HardwareSerial Serial;

void setup();
void loop();

#endif
