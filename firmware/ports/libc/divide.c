/* Division of 32-bit integers on Armv6-M, which has none: what compiler-rt's takes half of.
 *
 * The quotient comes bit by bit: the divisor, moved left by a constant, is taken off where it fits,
 * and the carry of that comparison is the bit. Only as many bits are tried as the quotient may
 * have: 4, 8, 16, 24 or 32. A bit that marks how many are left runs ahead of them in r2; it falls
 * out into the carry with the last one.
 *
 * By the ARM run-time ABI (IHI 0043): quotient in r0, remainder in r1, r2 and r3 may be lost. A
 * division by 0 gives 0, as the instruction of larger cores does. */
#include <stdint.h>

#ifdef __ARM_ARCH_6M__

#define FUNCTION(name)                                                                             \
    ".section .text.__aeabi_division, \"ax\", %progbits\n"                                         \
    ".global " name "\n"                                                                           \
    ".type " name ", %function\n"                                                                  \
    ".thumb_func\n" name ":\n"

/* One bit of the quotient: r0 is what is left of the dividend, r1 the divisor. */
#define BIT(place)                                                                                 \
    "lsrs r3, r0, #" place "\n"                                                                    \
    "cmp r3, r1\n"                                                                                 \
    "blo 1f\n"                                                                                     \
    "lsls r3, r1, #" place "\n"                                                                    \
    "subs r0, r0, r3\n"                                                                            \
    "1: adcs r2, r2\n"

#define LAST_BIT                                                                                   \
    "cmp r0, r1\n"                                                                                 \
    "blo 1f\n"                                                                                     \
    "subs r0, r0, r1\n"                                                                            \
    "1: adcs r2, r2\n"

/* clang-format off */
__asm(
    ".syntax unified\n"
    ".thumb\n"
    FUNCTION("__aeabi_idiv")
    FUNCTION("__aeabi_idivmod")
    "movs r2, r0\n"
    "orrs r2, r1\n"
    "bpl .Lunsigned\n"
    "asrs r2, r0, #31\n" /* all ones where negative: of the dividend, so of the remainder */
    "eors r0, r2\n"
    "subs r0, r0, r2\n"
    "asrs r3, r1, #31\n"
    "eors r1, r3\n"
    "subs r1, r1, r3\n"
    "eors r3, r2\n" /* of the quotient */
    "push {r2, r3, lr}\n"
    "bl .Lunsigned\n"
    "pop {r2, r3}\n"
    "eors r0, r3\n"
    "subs r0, r0, r3\n"
    "eors r1, r2\n"
    "subs r1, r1, r2\n"
    "pop {pc}\n"
    ".size __aeabi_idiv, . - __aeabi_idiv\n"
    ".size __aeabi_idivmod, . - __aeabi_idivmod\n"

    FUNCTION("__aeabi_uidiv")
    FUNCTION("__aeabi_uidivmod")
    ".Lunsigned:\n"
    "movs r2, #1\n"
    "lsls r2, r2, #24\n" /* 8 bits */
    ".Lmove:\n"
    "lsrs r3, r0, #8\n"
    "cmp r3, r1\n"
    "blo .Lshort\n"
    "lsls r1, r1, #8\n"
    "lsrs r2, r2, #8\n" /* and 8 more */
    "bne .Lmove\n"
    "movs r0, #0\n" /* by 0 */
    "bx lr\n"
    ".Lshort:\n"
    "lsrs r3, r0, #4\n"
    "cmp r3, r1\n"
    "bhs .Leight\n"
    "lsls r2, r2, #4\n"
    "b .Lfour\n"
    ".Leight:\n"
    BIT("7") BIT("6") BIT("5") BIT("4")
    ".Lfour:\n"
    BIT("3") BIT("2") BIT("1") LAST_BIT
    "bcs .Lend\n"
    "lsrs r1, r1, #8\n"
    "b .Leight\n"
    ".Lend:\n"
    "movs r1, r0\n"
    "movs r0, r2\n"
    "bx lr\n"
    ".size __aeabi_uidiv, . - __aeabi_uidiv\n"
    ".size __aeabi_uidivmod, . - __aeabi_uidivmod\n");
/* clang-format on */

#endif
