# SPDX-License-Identifier: MIT
"""Devices by the names that boards give them."""

from typing import Final

from device import Device
from devices.clint import Clint
from devices.cmsdk_uart import CmsdkUart
from devices.mps_fpgaio import MpsFpgaio
from devices.nrf_clock import NrfClock
from devices.nrf_ficr import NrfFicr
from devices.nrf_nvmc import NrfNvmc
from devices.nrf_rng import NrfRng
from devices.nrf_timer import NrfTimer
from devices.nrf_uart import NrfUart
from devices.ns16550 import Ns16550
from devices.plic import Plic
from devices.sifive_test import SifiveTest
from devices.unmodelled import Unmodelled

KINDS: Final[dict[str, type[Device]]] = {
    "clint": Clint,
    "cmsdk_uart": CmsdkUart,
    "mps_fpgaio": MpsFpgaio,
    "nrf_clock": NrfClock,
    "nrf_ficr": NrfFicr,
    "nrf_nvmc": NrfNvmc,
    "nrf_rng": NrfRng,
    "nrf_timer": NrfTimer,
    "nrf_uart": NrfUart,
    "ns16550": Ns16550,
    "plic": Plic,
    "sifive_test": SifiveTest,
    "unmodelled": Unmodelled,
}
