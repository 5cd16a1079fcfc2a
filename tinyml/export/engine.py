"""What computes an exported model: tinyml's own engine, or an ecosystem's TensorFlow Lite Micro."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tinyml.errors import ExportError
from tinyml.export.source import Source
from tinyml.export.tflm import Abi, Kernels, arena_bytes, resolver_method


class Engine(Enum):
    """Who computes; the value is what users type."""

    TINYML = "tinyml"
    TFLM = "tflm"


@dataclass(frozen=True)
class Arena:
    """A row of the table of arenas: where, and what TFLite Micro is built with there."""

    where: str
    abi: Abi
    kernels: tuple[Kernels, ...]  # enough for any of them


@dataclass(frozen=True)
class Package:
    """An ecosystem's own TensorFlow Lite Micro."""

    name: str  # as its package manager knows it
    version: str  # what is asked for
    arenas: tuple[Arena, ...]
    header: str = ""  # without which the build does not see the package
    lacks: frozenset[str] = frozenset()  # methods of the resolver

    def check(self, source: Source) -> None:
        """Raise ExportError where the package lacks an operator of the model."""
        for op in source.graph.operators:
            if resolver_method(op) in self.lacks:
                raise ExportError(
                    f"{op.where} is not in {self.name} {self.version}; export with --engine "
                    "tinyml, or with --format tflm for a newer TensorFlow Lite Micro"
                )

    def arena_table(self, source: Source) -> str:
        """What TFLite Micro's arena takes, in Markdown."""
        rows = "\n".join(
            f"| {row.where} | {max(arena_bytes(source.graph, k, row.abi) for k in row.kernels):,} |"
            for row in self.arenas
        )
        return f"| RAM: TensorFlow Lite Micro's arena, bytes | |\n|---|---:|\n{rows}"


_DSP: Final = (Kernels.REFERENCE, Kernels.CMSIS_NN_DSP)
_PLAIN: Final = (Kernels.REFERENCE, Kernels.CMSIS_NN)

# Source: its library.properties and README, and its micro_mutable_op_resolver.h.
ARDUINO: Final = Package(
    "Chirale_TensorFLowLite",
    "2.0.0",
    (
        Arena("Arduino Mbed boards (Nano 33 BLE, Nicla, Portenta, Giga)", Abi.ARM_WHOLE, _DSP),
        Arena("ESP32", Abi.POINTERS_32_WHOLE, (*_PLAIN, Kernels.ESP_NN)),
    ),
    header="Chirale_TensorFlowLite.h",
    lacks=frozenset({"AddBatchMatMul", "AddReduceMin"}),
)
# Source: its idf_component.yml and CMakeLists.txt.
ESP_IDF: Final = Package(
    "espressif/esp-tflite-micro",
    "^1.3.4",
    (
        Arena("ESP32-S3, ESP32-P4", Abi.POINTERS_32, (Kernels.ESP_NN_VECTOR,)),
        Arena("other chips", Abi.POINTERS_32, (Kernels.ESP_NN,)),
    ),
)
# Source: Zephyr's submanifests/optional.yaml and modules/tflite-micro.
ZEPHYR: Final = Package(
    "tflite-micro",
    "of the Zephyr release",
    (
        Arena("Cortex-M with DSP instructions, CMSIS-NN", Abi.ARM_WHOLE, (Kernels.CMSIS_NN_DSP,)),
        Arena("Cortex-M55, CMSIS-NN", Abi.ARM_WHOLE, (Kernels.CMSIS_NN_MVE_SIZE,)),
        Arena("other Cortex-M, CMSIS-NN", Abi.ARM_WHOLE, (Kernels.CMSIS_NN,)),
        Arena("other processors of 32 bits", Abi.POINTERS_32_WHOLE, (*_PLAIN, Kernels.ESP_NN)),
    ),
)
