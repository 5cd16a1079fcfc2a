"""How few instructions a layer could take on its core, to see how near it is.

The minimum counts what no kernel of the usual kind can leave out, at the largest tile of outputs
that the registers hold: multiplications, and loads of both operands. Requantisation, stores and
loops come on top, so no layer reaches it. It is not a bound on cleverness: Winograd's convolutions,
which multiply less, can be below.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

# Instructions a multiply-accumulate, the fastest instruction set first.
_MATRIX: Final = {
    # Four pixels by two channels of sixteen: 8 VMLADAVA and 6 VLDRB for 128 products.
    "mve": 14 / 128,
    # Three pixels by two channels, int8 weights: 12 SMLAD, 3 LDM, 2 SXTB16 for 24.
    "dsp": 17 / 24,
    # Two products in a MULS: LDRSB, MULS and ADDS.
    "armv6m": 3 / 2,
}
_DEPTHWISE: Final = {
    # A vector of outputs of one tap: two loads that widen, a multiplication with sums of 32 bits
    # in two halves for eight products; the loads of weights serve several pixels.
    "mve": 4 / 8,
    # Two outputs of a row of three taps: an LDRD and 4 multiplications for 6; and of a plane's
    # element, made once and read nine times, 1.75 instructions.
    "dsp": 5 / 6 + 1.75 / 9,
    "armv6m": 3 / 2,
}
# One at a time, loads of both operands shared by others.
_PORTABLE: Final = 1.0


def least_instructions(op: str, macs: int, features: Set[str]) -> int:
    """Instructions below which ``macs`` of this operator are not done; 0 where there are none.

    Args:
        op: the operator's name in the schema of TFLite.
        macs: its multiply-accumulates.
        features: of the core, see ``tinyml.boards.Core``.
    """
    table = _DEPTHWISE if op == "DEPTHWISE_CONV_2D" else _MATRIX
    best = next((a_mac for feature, a_mac in table.items() if feature in features), _PORTABLE)
    return round(macs * best)
