/* Raspberry Pi Pico: UART0 on GP0 and GP1. Source: Raspberry Pi Pico datasheet, pinout. */
#define TML_RP2040_TRANSMIT_PIN 0u
#define TML_RP2040_RECEIVE_PIN 1u
#define TML_RETAINED_BYTES 16384u
