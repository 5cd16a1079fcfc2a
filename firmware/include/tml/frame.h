/* SMP over console: MCUmgr's serial framing of management messages, so that they can share a line
 * with plain text.
 *
 * A packet is length (16 bits, big endian, counts message and CRC), message, CRC-16/XMODEM of the
 * message (big endian), in base64, cut into lines of at most TML_FRAME_LINE_BYTES with the newline.
 * The first line starts with 06 09, each further one with 04 14. Everything else is not for us. */
#ifndef TML_FRAME_H
#define TML_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define TML_FRAME_LINE_BYTES 127u
#define TML_FRAME_OVERHEAD_BYTES 4u /* length and CRC, beside the message in the same buffer */

typedef struct {
    uint8_t *packet;    /* the caller's buffer: length, message, CRC */
    uint32_t capacity;  /* its size in bytes */
    uint32_t received;  /* bytes decoded into it; 0 where no packet has begun */
    uint32_t line_used; /* characters in `line`, 0 outside a line of ours */
    char line[TML_FRAME_LINE_BYTES];
} tml_frame_decoder_t;

typedef struct {
    const uint8_t *data; /* inside the decoder's buffer, until the next byte is put */
    uint32_t bytes;
} tml_message_t;

/* Sends bytes somewhere; returns when they are taken. */
typedef void (*tml_frame_write_t)(const uint8_t *data, size_t bytes);

void tml_frame_decoder_init(tml_frame_decoder_t *decoder, uint8_t *packet, uint32_t capacity);

/* One received byte, of any value. Returns 1 where it completes a good message, 0 otherwise.
 * Damaged, overlong and foreign lines are dropped without a word; the sender repeats. */
int tml_frame_put(tml_frame_decoder_t *decoder, uint8_t byte, tml_message_t *message);

/* Sends a message of at most 65533 bytes. */
void tml_frame_send(const uint8_t *message, uint32_t bytes, tml_frame_write_t write);

uint16_t tml_crc16_xmodem(const uint8_t *data, uint32_t bytes);

#endif
