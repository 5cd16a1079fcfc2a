#include "strips.h"

#include <stddef.h>
#include <string.h>

static inline int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static inline int32_t most(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* The first of its sources' `rows` that a step's rows from `made` on need. */
static inline int32_t first_needed(const tml_strip_step_t *step, int32_t made, int32_t rows) {
    const int32_t first = most(made * step->stride - step->before, 0);
    return made == step->rows ? rows : least(first, rows);
}

/* How many of `rows` the step's first `made` rows need. */
static inline int32_t needed(const tml_strip_step_t *step, int32_t made, int32_t rows) {
    return least((made - 1) * step->stride - step->before + step->reach, rows);
}

static void move_words(uint32_t *target, const uint32_t *source, uint32_t bytes) {
    const uint32_t *const end = source + bytes / sizeof *source;
    for (; end - source >= 4; source += 4, target += 4) {
        const uint32_t first = source[0];
        const uint32_t second = source[1];
        const uint32_t third = source[2];
        const uint32_t fourth = source[3];
        target[0] = first;
        target[1] = second;
        target[2] = third;
        target[3] = fourth;
    }
    while (source != end) {
        *target++ = *source++;
    }
}

/* Towards lower addresses, where both may overlap. */
static void move(uint8_t *target, const uint8_t *source, uint32_t bytes) {
    if (((uintptr_t)source | bytes) % sizeof(uint32_t) == 0) {
        move_words((uint32_t *)(void *)target, (const uint32_t *)(const void *)source, bytes);
        return;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        target[i] = source[i];
    }
}

/* After the last reader of a tensor has done its strip, forget the rows that nobody needs. */
static void release(const tml_strip_step_t *steps, uint32_t tensor, uint8_t *arena,
                    tml_rows_t *rows) {
    const tml_strip_step_t *made = &steps[tensor];
    tml_rows_t *held = &rows[tensor];
    int32_t first = held->end;
    for (int32_t i = 0; i < 2; i++) {
        const uint32_t reader = made->readers[i];
        first = first_needed(&steps[reader], rows[reader].end, first);
    }
    if (first > held->first) {
        uint8_t *const buffer = arena + made->offset;
        move(buffer, buffer + (uint32_t)(first - held->first) * made->row_bytes,
             (uint32_t)(held->end - first) * made->row_bytes);
        held->first = (int16_t)first;
    }
}

/* One strip of one step. */
static void advance(const tml_strip_step_t *steps, uint32_t index, uint8_t *arena,
                    tml_rows_t *rows) {
    const tml_strip_step_t *step = &steps[index];
    tml_rows_t *made = &rows[index];
    const int32_t source_rows = steps[step->sources[0]].rows;
    const int32_t begin = first_needed(step, made->end, source_rows);
    tml_strip_t strip = {
        .first = made->end,
        .before = begin - (made->end * step->stride - step->before),
        .inputs = needed(step, made->goal, source_rows) - begin,
        .outputs = made->goal - made->end,
        .target = arena + step->offset + (uint32_t)(made->end - made->first) * step->row_bytes,
    };
    for (int32_t i = 0; i < 2; i++) {
        const uint32_t source = step->sources[i];
        strip.sources[i] = arena + steps[source].offset +
                           (uint32_t)(begin - rows[source].first) * steps[source].row_bytes;
    }
    step->step(arena, &strip);
    made->end = made->goal;
    for (int32_t i = 0; i < 2; i++) {
        const uint32_t source = step->sources[i];
        if (steps[source].readers[1] == index) {
            release(steps, source, arena, rows);
        }
    }
}

/* How far each step has to go for the last one's goal. */
static void set_goals(const tml_strip_segment_t *segment, tml_rows_t *rows) {
    for (int32_t index = segment->step_count - 1; index >= 0; index--) {
        const tml_strip_step_t *step = &segment->steps[index];
        if (rows[index].goal == rows[index].end) {
            continue;
        }
        for (int32_t i = 0; i < 2; i++) {
            tml_rows_t *source = &rows[step->sources[i]];
            const int32_t all = segment->steps[step->sources[i]].rows;
            source->goal = (int16_t)most(source->goal, needed(step, rows[index].goal, all));
        }
    }
}

void tml_run_strips(const tml_strip_segment_t *segment, uint8_t *arena, tml_rows_t *rows) {
    const uint32_t count = segment->step_count;
    for (uint32_t i = 0; i < count + segment->source_count; i++) {
        const int16_t there = segment->steps[i].step == NULL ? segment->steps[i].rows : 0;
        rows[i] = (tml_rows_t){0, there, there};
    }
    const int32_t all = segment->steps[count - 1].rows;
    for (int32_t end = segment->first_rows; rows[count - 1].end < all; end += segment->strip_rows) {
        rows[count - 1].goal = (int16_t)least(end, all);
        set_goals(segment, rows);
        for (uint32_t i = 0; i < count; i++) {
            if (rows[i].goal > rows[i].end) {
                advance(segment->steps, i, arena, rows);
            }
        }
    }
}
