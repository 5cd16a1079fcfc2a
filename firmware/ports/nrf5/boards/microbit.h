/* Source: micro:bit 1.3 schematic (UART to the interface chip); nRF51822 Product Specification. */
#define TML_NRF5_TRANSMIT_PIN 24u
#define TML_NRF5_RECEIVE_PIN 25u
#define TML_NRF5_PAGE_BYTES 1024u
#define TML_NRF5_SERIES 51
