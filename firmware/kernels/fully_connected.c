#include "fully_connected.h"

#define TML_ELEMENT_BITS 8
#include "fully_connected_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "fully_connected_body.h"
