/* One source for int8 and int16 activations: a kernel's body is included once with each of these.
 *
 *     #define TML_ELEMENT_BITS 8   or 16
 *     #include "elements.h"
 *     void TML_NAME(tml_add)(const tml_add_t *params, const TML_ELEMENT *a, ...)
 *
 * makes tml_add_int8 or tml_add_int16. No guard: it is meant to be included again. */
#undef TML_ELEMENT
#undef TML_ACCUMULATOR
#undef TML_REQUANTIZE
#undef TML_SCALE
#undef TML_NAME
#undef TML_LOWEST

#if TML_ELEMENT_BITS == 8
#define TML_ELEMENT int8_t
#define TML_ACCUMULATOR int32_t
#define TML_REQUANTIZE tml_requantize
#define TML_SCALE tml_scale
#define TML_NAME(name) name##_int8
#define TML_LOWEST INT8_MIN
#else
#define TML_ELEMENT int16_t
#define TML_ACCUMULATOR int64_t
#define TML_REQUANTIZE tml_requantize_wide
#define TML_SCALE tml_scale_wide
#define TML_NAME(name) name##_int16
#define TML_LOWEST INT16_MIN
#endif
