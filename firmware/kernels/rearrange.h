/* Every operator that only moves elements: boxes of bytes are copied, with a stride a dimension. */
#ifndef TML_REARRANGE_H
#define TML_REARRANGE_H

#include "tml/flash.h"

#include <stdint.h>

#define TML_BOX_RANK 4
#define TML_NO_FILL (-1)
#define TML_GATHER_SKIP UINT16_C(0xFFFF)

/* One regular pattern of copies; starts and strides in bytes. */
typedef struct {
    int32_t source; /* first byte of the input */
    int32_t target; /* first byte of the output */
    int32_t run_bytes;
    int32_t sizes[TML_BOX_RANK]; /* outermost first; 1 where unused */
    int32_t source_strides[TML_BOX_RANK];
    int32_t target_strides[TML_BOX_RANK];
} tml_box_t;

typedef struct {
    uint32_t output_bytes;
    int32_t fill; /* byte that the whole output is set to first, or TML_NO_FILL */
    int32_t box_count;
    const TML_FLASH tml_box_t *boxes;
} tml_rearrange_t;

/* Pieces of one size from anywhere: where boxes would be too many. */
typedef struct {
    int32_t count;
    int32_t run_bytes;
    int32_t fill;                      /* as above */
    const TML_FLASH uint16_t *sources; /* [count], in runs, or TML_GATHER_SKIP */
} tml_gather_t;

void tml_rearrange(const tml_rearrange_t *params, const void *input, void *output);
void tml_gather(const tml_gather_t *params, const void *input, void *output);

#endif
