/* Arduino UNO, ATmega328P. Source: its data sheet (DS40002061). The last bytes of the EEPROM are
 * the board's number. */
#define TML_ATMEGA_STORAGE_BLOCK 128u
#define TML_ATMEGA_STORAGE_BYTES 896u
