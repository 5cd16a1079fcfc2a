#include "transpose_conv.h"

/* Which input row or column reaches `place` of the output through `tap`, or -1. */
static int32_t source_of(int32_t place, int32_t tap, int32_t before, int32_t stride,
                         int32_t inputs) {
    const int32_t reach = place + before - tap;
    if (reach < 0 || reach % stride != 0 || reach / stride >= inputs) {
        return -1;
    }
    return reach / stride;
}

#define TML_ELEMENT_BITS 8
#include "transpose_conv_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "transpose_conv_body.h"
