/* Words in, lines out: what a serial protocol of text needs, without printf. */
#ifndef TML_MLPERF_TEXT_H
#define TML_MLPERF_TEXT_H

#include <stdbool.h>
#include <stdint.h>

void text_put(const char *text);

/* The same, and the end of the line. */
void text_line(const char *text);

void text_uint(uint64_t value);

/* Three decimals, rounded to the nearest; |value| below 2,000,000. */
void text_fixed(float value);

/* Two lower-case hex digits. */
void text_hex_byte(uint8_t byte);

/* The value of a hex digit, or -1. */
int text_hex(char digit);

/* Cuts the next word out of `*rest` and moves on behind it; NULL where there is none. */
const char *text_word(char **rest);

/* A decimal number without a sign, at most 9 digits. */
bool text_number(const char *word, uint32_t *value);

#endif
