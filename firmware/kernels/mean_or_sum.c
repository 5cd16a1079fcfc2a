#include "mean_or_sum.h"

#define TML_ELEMENT_BITS 8
#include "mean_or_sum_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "mean_or_sum_body.h"
