#include "add.h"

#define TML_ELEMENT_BITS 8
#include "add_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "add_body.h"
