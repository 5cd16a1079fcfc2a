/* Arduino Mega 2560. Source: the ATmega2560's data sheet (DS40002211). The last bytes of the EEPROM
 * are the board's number. */
#define TML_ATMEGA_STORAGE_BLOCK 512u
#define TML_ATMEGA_STORAGE_BYTES 3584u
