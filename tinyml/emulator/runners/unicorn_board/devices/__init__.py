# SPDX-License-Identifier: MIT
"""Devices by the names that boards give them."""

from typing import Final

from device import Device
from devices.cmsdk_uart import CmsdkUart
from devices.mps_fpgaio import MpsFpgaio

KINDS: Final[dict[str, type[Device]]] = {
    "cmsdk_uart": CmsdkUart,
    "mps_fpgaio": MpsFpgaio,
}
