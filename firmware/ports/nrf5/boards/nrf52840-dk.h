/* Source: nRF52840 DK User Guide (virtual serial port: P0.06, P0.08); nRF52840 Product
 * Specification. */
#define TML_NRF5_TRANSMIT_PIN 6u
#define TML_NRF5_RECEIVE_PIN 8u
#define TML_NRF5_PAGE_BYTES 4096u
#define TML_NRF5_SERIES 52
