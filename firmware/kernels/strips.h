/* Segments of operators that work on strips of rows, so that RAM holds few rows of tensors between.
 *
 * The last step of a segment makes a strip of rows at a time; the steps before it make, each once,
 * the rows that it needs. A buffer holds consecutive rows of its tensor. Those that nobody needs
 * any more make place: the rows after them, the halo of a window, move to the buffer's start.
 * tinyml/compiler/rows.py does the same in Python to know how much each buffer holds. */
#ifndef TML_STRIPS_H
#define TML_STRIPS_H

#include <stdint.h>

/* What a step works on: rows of an image with a border only where the whole image has one. */
typedef struct {
    int32_t first;   /* row of the output that is the first one of these */
    int32_t before;  /* rows of padding above */
    int32_t inputs;  /* rows */
    int32_t outputs; /* rows, 1.. */
    const uint8_t *sources[2];
    uint8_t *target;
} tml_strip_t;

/* A step with its output; or a source, a tensor from before the segment, without a step.
 */
typedef struct {
    void (*step)(uint8_t *arena, const tml_strip_t *strip); /* NULL for a source */
    uint32_t offset;                                        /* of its rows' buffer in the arena */
    uint32_t row_bytes;
    int16_t rows;       /* of the whole tensor */
    int16_t stride;     /* of the step's window, in rows */
    int16_t before;     /* padding above the image */
    int16_t reach;      /* rows from the first tap to the last */
    uint8_t sources[2]; /* what the step reads; twice the same where it reads one tensor */
    uint8_t readers[2]; /* steps that read the output, the last one second; 255 for none */
} tml_strip_step_t;

typedef struct {
    const tml_strip_step_t *steps; /* then the sources */
    uint8_t step_count;
    uint8_t source_count;
    int16_t first_rows; /* of the last output, in the first strip */
    int16_t strip_rows; /* in every other one */
} tml_strip_segment_t;

/* Rows of a tensor. */
typedef struct {
    int16_t first; /* that is held, at the start of the buffer */
    int16_t end;   /* of those that are made */
    int16_t goal;  /* what `end` shall be after this strip */
} tml_rows_t;

/* `rows` has room for step_count + source_count. */
void tml_run_strips(const tml_strip_segment_t *segment, uint8_t *arena, tml_rows_t *rows);

#endif
