/* Source: TFLite Micro's lstm_eval.h and lstm_eval.cc. Rows of the output are the hidden states, so
 * that each row reads the one before it, and the state is written once. */
#include "lstm.h"

#include <stddef.h>
#include <string.h>

#include "lstm_cell.h"

#define TML_ELEMENT_BITS 8
#include "lstm_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "lstm_body.h"
