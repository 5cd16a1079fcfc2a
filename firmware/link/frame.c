#include "tml/frame.h"

#include "tml/flash.h"

#define START_0 0x06u
#define START_1 0x09u
#define CONTINUE_0 0x04u
#define CONTINUE_1 0x14u
#define MARKER_BYTES 2u

/* Bytes that fit one line: its base64 must be whole groups of four beside marker and newline. */
#define LINE_PAYLOAD_BYTES ((TML_FRAME_LINE_BYTES - MARKER_BYTES - 1u) / 4u * 3u)

static const TML_FLASH char BASE64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint16_t tml_crc16_xmodem(const uint8_t *data, uint32_t bytes) {
    uint16_t crc = 0;
    for (uint32_t i = 0; i < bytes; ++i) {
        crc = (uint16_t)(crc ^ ((uint32_t)data[i] << 8));
        for (int bit = 0; bit < 8; ++bit) {
            crc = (uint16_t)((crc & 0x8000u) != 0 ? ((uint32_t)crc << 1) ^ 0x1021u
                                                  : (uint32_t)crc << 1);
        }
    }
    return crc;
}

/* 0..63, or -1 for a character that is not base64. */
static int base64_value(char character) {
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

void tml_frame_decoder_init(tml_frame_decoder_t *decoder, uint8_t *packet, uint32_t capacity) {
    decoder->packet = packet;
    decoder->capacity = capacity;
    decoder->received = 0;
    decoder->line_used = 0;
}

/* Appends the 1..3 bytes of one group of four characters; 0 where it is not base64 or too much. */
static int append_group(tml_frame_decoder_t *decoder, const char *group, int last) {
    uint32_t bytes = 3;
    if (last && group[3] == '=') {
        bytes = group[2] == '=' ? 1 : 2;
    }
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 4; ++i) {
        int value = i <= bytes ? base64_value(group[i]) : 0;
        if (value < 0) {
            return 0;
        }
        bits = bits << 6 | (uint32_t)value;
    }
    if (bytes > decoder->capacity - decoder->received) {
        return 0;
    }
    for (uint32_t i = 0; i < bytes; ++i) {
        decoder->packet[decoder->received++] = (uint8_t)(bits >> (16 - 8 * i));
    }
    return 1;
}

/* Whether the packet is complete and whole. A packet that never can be is dropped. */
static int check_packet(tml_frame_decoder_t *decoder, tml_message_t *message) {
    if (decoder->received < 2) {
        return 0;
    }
    uint32_t announced = (uint32_t)decoder->packet[0] << 8 | decoder->packet[1];
    uint32_t received = decoder->received - 2;
    if (received < announced) {
        return 0;
    }
    decoder->received = 0;
    if (received > announced || announced < 2) {
        return 0;
    }
    message->data = decoder->packet + 2;
    message->bytes = announced - 2;
    const uint8_t *crc = message->data + message->bytes;
    return tml_crc16_xmodem(message->data, message->bytes) == ((uint32_t)crc[0] << 8 | crc[1]);
}

static int end_of_line(tml_frame_decoder_t *decoder, tml_message_t *message) {
    uint32_t used = decoder->line_used;
    const char *line = decoder->line;
    decoder->line_used = 0;
    if (used > 0 && line[used - 1] == '\r') {
        --used;
    }
    if (used < MARKER_BYTES) {
        return 0;
    }
    if (line[0] == START_0 && line[1] == START_1) {
        decoder->received = 0;
    } else if (line[0] != CONTINUE_0 || line[1] != CONTINUE_1 || decoder->received == 0) {
        return 0;
    }
    if ((used - MARKER_BYTES) % 4 != 0) {
        decoder->received = 0;
        return 0;
    }
    for (uint32_t at = MARKER_BYTES; at < used; at += 4) {
        if (!append_group(decoder, line + at, at + 4 == used)) {
            decoder->received = 0;
            return 0;
        }
    }
    return check_packet(decoder, message);
}

int tml_frame_put(tml_frame_decoder_t *decoder, uint8_t byte, tml_message_t *message) {
    if (byte == '\n') {
        return end_of_line(decoder, message);
    }
    /* Neither value is base64 or text: a line of ours begins, even behind noise with no newline. */
    if (byte == START_0 || byte == CONTINUE_0) {
        decoder->line_used = 0;
    } else if (decoder->line_used == 0) {
        return 0;
    }
    if (decoder->line_used == TML_FRAME_LINE_BYTES) {
        decoder->line_used = 0;
        decoder->received = 0;
        return 0;
    }
    decoder->line[decoder->line_used++] = (char)byte;
    return 0;
}

/* Byte `at` of the packet: length, message, CRC. */
static uint8_t packet_byte(const uint8_t *message, uint32_t bytes, uint16_t crc, uint32_t at) {
    uint32_t length = bytes + 2;
    if (at < 2) {
        return (uint8_t)(length >> (8 - 8 * at));
    }
    if (at < bytes + 2) {
        return message[at - 2];
    }
    return (uint8_t)(crc >> (8 - 8 * (at - bytes - 2)));
}

void tml_frame_send(const uint8_t *message, uint32_t bytes, tml_frame_write_t write) {
    uint16_t crc = tml_crc16_xmodem(message, bytes);
    uint32_t total = bytes + TML_FRAME_OVERHEAD_BYTES;
    uint8_t line[TML_FRAME_LINE_BYTES];
    for (uint32_t at = 0; at < total;) {
        uint32_t used = 0;
        line[used++] = at == 0 ? START_0 : CONTINUE_0;
        line[used++] = at == 0 ? START_1 : CONTINUE_1;
        uint32_t end = total - at < LINE_PAYLOAD_BYTES ? total : at + LINE_PAYLOAD_BYTES;
        while (at < end) {
            uint32_t count = end - at < 3 ? end - at : 3;
            uint32_t bits = 0;
            for (uint32_t i = 0; i < 3; ++i) {
                bits = bits << 8 | (i < count ? packet_byte(message, bytes, crc, at + i) : 0u);
            }
            for (uint32_t i = 0; i < 4; ++i) {
                line[used++] = (uint8_t)(i <= count ? BASE64[bits >> (18 - 6 * i) & 63u] : '=');
            }
            at += count;
        }
        line[used++] = '\n';
        write(line, used);
    }
}
