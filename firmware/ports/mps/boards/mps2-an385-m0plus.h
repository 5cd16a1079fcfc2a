#include "mps2-an385.h"
