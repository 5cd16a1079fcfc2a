#include "depthwise_conv_2d.h"

#define TML_ELEMENT_BITS 8
#include "depthwise_conv_2d_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "depthwise_conv_2d_body.h"
