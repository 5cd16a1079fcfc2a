#include "text.h"

#include "tml/port.h"

#include <string.h>

#define MOST_DIGITS 20u

void text_put(const char *text) {
    tml_port_uart_write((const uint8_t *)text, strlen(text));
}

void text_line(const char *text) {
    text_put(text);
    text_put("\r\n");
}

void text_uint(uint64_t value) {
    char digits[MOST_DIGITS + 1u];
    char *first = &digits[MOST_DIGITS];
    *first = '\0';
    do {
        *--first = (char)('0' + value % 10u);
        value /= 10u;
    } while (value > 0);
    text_put(first);
}

void text_fixed(float value) {
    if (value < 0) {
        text_put("-");
        value = -value;
    }
    const uint32_t thousandths = (uint32_t)(value * 1000.0f + 0.5f);
    const uint32_t left = thousandths % 1000u;
    text_uint(thousandths / 1000u);
    text_put(left < 10u ? ".00" : left < 100u ? ".0" : ".");
    text_uint(left);
}

void text_hex_byte(uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    const char text[3] = {digits[byte >> 4], digits[byte & 15u], '\0'};
    text_put(text);
}

int text_hex(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

const char *text_word(char **rest) {
    char *start = *rest;
    while (*start == ' ') {
        start++;
    }
    char *end = start;
    while (*end != ' ' && *end != '\0') {
        end++;
    }
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return end == start ? NULL : start;
}

bool text_number(const char *word, uint32_t *value) {
    uint32_t digits = 0;
    uint32_t found = 0;
    for (; word[digits] >= '0' && word[digits] <= '9' && digits < 10u; digits++) {
        found = 10u * found + (uint32_t)(word[digits] - '0');
    }
    *value = found;
    return digits > 0 && digits < 10u && word[digits] == '\0';
}
