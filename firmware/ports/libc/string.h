/* The part of the C library that the firmware needs: the compiler for RISC-V and clang come without
 * one, and those that can be had beside them are a thousand times as large. */
#ifndef TML_STRING_H
#define TML_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);

#endif
