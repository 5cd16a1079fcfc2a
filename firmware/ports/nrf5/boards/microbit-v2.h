/* Source: micro:bit 2 schematic (UART to the interface chip: P0.06, P1.08); nRF52833 Product
 * Specification. */
#define TML_NRF5_TRANSMIT_PIN 6u
#define TML_NRF5_RECEIVE_PIN 40u
#define TML_NRF5_PAGE_BYTES 4096u
#define TML_NRF5_SERIES 52
