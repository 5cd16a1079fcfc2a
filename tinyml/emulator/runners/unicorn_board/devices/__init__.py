# SPDX-License-Identifier: MIT
"""Devices by the names that boards give them."""

from typing import Final

from device import Device
from devices.clint import Clint
from devices.cmsdk_part_uart import CmsdkPartUart
from devices.cmsdk_uart import CmsdkUart
from devices.mps_fpgaio import MpsFpgaio
from devices.mps_i2c import MpsI2c
from devices.nrf_adc import NrfAdc, NrfSaadc
from devices.nrf_clock import NrfClock
from devices.nrf_ficr import NrfFicr
from devices.nrf_gpio import NrfGpio
from devices.nrf_nvmc import NrfNvmc
from devices.nrf_pdm import NrfPdm
from devices.nrf_rng import NrfRng
from devices.nrf_timer import NrfTimer
from devices.nrf_twi import NrfTwi
from devices.nrf_twim import NrfTwim
from devices.nrf_uart import NrfUart
from devices.nrf_uarte import NrfUarte
from devices.ns16550 import Ns16550
from devices.plic import Plic
from devices.rp2040 import (
    Rp2040Clocks,
    Rp2040Device,
    Rp2040Pll,
    Rp2040Resets,
    Rp2040Rom,
    Rp2040Rosc,
    Rp2040Watchdog,
    Rp2040Xosc,
)
from devices.rp2040_timer import Rp2040Timer
from devices.rp2040_uart import Rp2040Uart
from devices.sifive_test import SifiveTest
from devices.stm32 import Stm32Number, Stm32Rcc
from devices.stm32_flash import Stm32FlashF1, Stm32FlashF4, Stm32FlashL4
from devices.stm32_uart import Stm32Lpuart, Stm32Uart
from devices.unmodelled import Unmodelled

KINDS: Final[dict[str, type[Device]]] = {
    "clint": Clint,
    "cmsdk_part_uart": CmsdkPartUart,
    "cmsdk_uart": CmsdkUart,
    "mps_fpgaio": MpsFpgaio,
    "mps_i2c": MpsI2c,
    "nrf_adc": NrfAdc,
    "nrf_clock": NrfClock,
    "nrf_ficr": NrfFicr,
    "nrf_gpio": NrfGpio,
    "nrf_nvmc": NrfNvmc,
    "nrf_pdm": NrfPdm,
    "nrf_rng": NrfRng,
    "nrf_saadc": NrfSaadc,
    "nrf_timer": NrfTimer,
    "nrf_twi": NrfTwi,
    "nrf_twim": NrfTwim,
    "nrf_uart": NrfUart,
    "nrf_uarte": NrfUarte,
    "ns16550": Ns16550,
    "plic": Plic,
    "rp2040_block": Rp2040Device,
    "rp2040_clocks": Rp2040Clocks,
    "rp2040_pll": Rp2040Pll,
    "rp2040_resets": Rp2040Resets,
    "rp2040_rom": Rp2040Rom,
    "rp2040_rosc": Rp2040Rosc,
    "rp2040_timer": Rp2040Timer,
    "rp2040_uart": Rp2040Uart,
    "rp2040_watchdog": Rp2040Watchdog,
    "rp2040_xosc": Rp2040Xosc,
    "sifive_test": SifiveTest,
    "stm32_flash_f1": Stm32FlashF1,
    "stm32_flash_f4": Stm32FlashF4,
    "stm32_flash_l4": Stm32FlashL4,
    "stm32_lpuart": Stm32Lpuart,
    "stm32_number": Stm32Number,
    "stm32_rcc": Stm32Rcc,
    "stm32_uart": Stm32Uart,
    "unmodelled": Unmodelled,
}
