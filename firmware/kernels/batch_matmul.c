#include "batch_matmul.h"

#define TML_ELEMENT_BITS 8
#include "batch_matmul_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "batch_matmul_body.h"
