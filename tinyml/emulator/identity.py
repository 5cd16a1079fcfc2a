"""Who an emulated board is: what the host writes into its memory.

As tml_identity_t in firmware/ports/common/identity.h: the board's number, its boots, which it
counts itself, and a seed.
"""

import struct
from typing import Final

LAYOUT: Final = struct.Struct("<8sII")
SEED_OFFSET: Final = 12
SEED_BYTES: Final = 4
