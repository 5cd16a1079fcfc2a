/* Armv6-M multiplies 32 bits into 32; a product of 64 bits would be a call. */
#ifndef TML_MULTIPLY_H
#define TML_MULTIPLY_H

#ifndef TML_HAS_LONG_MULTIPLY
#define TML_HAS_LONG_MULTIPLY (__ARM_ARCH_ISA_THUMB != 1)
#endif

#endif
