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

/* A text that stays in flash. AVR copies all others to its scarce RAM at start-up. */
#if defined(__AVR__) && !defined(__cplusplus)
#define TML_TEXT(literal)                                                                          \
    (__extension__({                                                                               \
        static const TML_FLASH char text_in_flash[] = literal;                                     \
        text_in_flash;                                                                             \
    }))
#else
#define TML_TEXT(literal) literal
#endif

#endif
