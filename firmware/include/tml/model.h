/* The only interface between a compiled model and everything that calls it.
 *
 * The compiler emits one `const tml_model_t` a model. A caller needs nothing else: it provides
 * `arena_bytes` of RAM aligned to TML_ARENA_ALIGN, writes its inputs at their offsets, calls
 * `infer`, and reads the outputs at theirs. There is no set-up phase and no allocation. */
#ifndef TML_MODEL_H
#define TML_MODEL_H

#include "tml/flash.h"

#include <stdint.h>

#define TML_MODEL_MAGIC 0x4c4d4c54u /* "TLML" in memory, little endian */
#define TML_ABI_VERSION 2u
#define TML_ARENA_ALIGN 16u /* bytes; enough for every vector load of every core */
#define TML_MAX_RANK 6u
#define TML_HASH_BYTES 8u

/* Element types, numbered as TensorType in TFLite's schema. */
typedef enum {
    TML_FLOAT32 = 0,
    TML_INT32 = 2,
    TML_UINT8 = 3,
    TML_INT64 = 4,
    TML_BOOL = 6,
    TML_INT16 = 7,
    TML_INT8 = 9
} tml_dtype_t;

/* An input or output of a model. real value = scale * (element - zero_point). */
typedef struct {
    const char *name;            /* the tensor's name in the .tflite */
    uint32_t arena_offset;       /* where it lies, in bytes from the arena's start */
    uint32_t bytes;              /* its size */
    uint32_t dims[TML_MAX_RANK]; /* its shape; unused dimensions are 1 */
    float scale;                 /* 0 where the tensor is not quantised */
    int32_t zero_point;          /* 0 where the tensor is not quantised */
    uint8_t dtype;               /* tml_dtype_t */
    uint8_t rank;                /* 0..TML_MAX_RANK */
    uint8_t reserved[2];
} tml_tensor_t;

/* One known inference: what a correct image must compute from this input. */
typedef struct {
    const uint8_t *input;  /* all inputs, one after another */
    const uint8_t *output; /* all outputs that are expected of them, one after another */
} tml_self_test_t;

struct tml_front_end; /* tml/features.h */

typedef struct tml_model {
    uint32_t magic;            /* TML_MODEL_MAGIC */
    uint16_t abi_version;      /* TML_ABI_VERSION */
    uint16_t input_count;      /* >= 1 */
    uint16_t output_count;     /* >= 1 */
    uint16_t label_count;      /* 0 where the model has no classes */
    uint32_t arena_bytes;      /* exact; holds inputs, outputs, intermediates and kernel scratch */
    uint32_t state_bytes;      /* streaming state kept between inferences; 0 for most models */
    uint64_t sample_period_us; /* from one sample to the next; 0 where the model takes none */
    const tml_tensor_t *inputs;
    const tml_tensor_t *outputs;
    const char *const *labels;             /* label_count names, or NULL */
    const struct tml_front_end *front_end; /* how samples become the first input, or NULL */
    const tml_self_test_t *self_test;      /* or NULL */
    const char *name;
    uint8_t model_hash[TML_HASH_BYTES]; /* the first of the SHA-256 of its .tflite */
    /* One inference. `arena` as above; `state` has state_bytes (NULL where that is 0). */
    void (*infer)(uint8_t *arena, uint8_t *state);
    /* Sets `state` to its initial values; NULL where state_bytes is 0. */
    void (*reset_state)(uint8_t *state);
} tml_model_t;

#endif
