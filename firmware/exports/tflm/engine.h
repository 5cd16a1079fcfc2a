/* What only TensorFlow Lite Micro has to say; everything else is tml/model.h. */
#ifndef TML_TFLM_ENGINE_H
#define TML_TFLM_ENGINE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TML_TFLM_OK = 0,
    TML_TFLM_NOT_STARTED = 1,     /* reset_state has not been called */
    TML_TFLM_OTHER_SCHEMA = 2,    /* the library reads another version of .tflite */
    TML_TFLM_NO_OPERATOR = 3,     /* the library lacks an operator of this model */
    TML_TFLM_ARENA_TOO_SMALL = 4, /* or the library refused a tensor; it prints which */
    TML_TFLM_FAILED = 5           /* an inference failed */
} tml_tflm_status_t;

/* Why outputs are zero, where they are. */
tml_tflm_status_t tml_tflm_status(void);

/* What the library says it uses of its arena; 0 before reset_state. */
size_t tml_tflm_arena_used_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
