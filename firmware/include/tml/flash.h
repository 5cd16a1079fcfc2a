/* Constants that stay in flash. Where flash has an address space of its own, as on AVR, a pointer
 * to them says so (TML_FLASH) and the compiler reads by other instructions; elsewhere it is
 * nothing. */
#ifndef TML_FLASH_H
#define TML_FLASH_H

#if defined(__AVR__) && !defined(__cplusplus)
#define TML_FLASH __flash
#else
#define TML_FLASH
#endif

#endif
