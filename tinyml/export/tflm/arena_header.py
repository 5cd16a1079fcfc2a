"""The arena as the preprocessor chooses it: by compiler, core and kernels.

Where something is not known, the number is enough for whatever it may be.
"""

from __future__ import annotations

from typing import Final

from tinyml.export.tflm.arena import Abi, Kernels, arena_bytes
from tinyml.graph import Graph

_MVE: Final = (Kernels.CMSIS_NN_MVE, Kernels.CMSIS_NN_MVE_SIZE)
# Bare-metal ARM, most specific first: condition, and the kernels that CMSIS-NN may take there.
_ARM_CORES: Final[tuple[tuple[str, tuple[Kernels, ...]], ...]] = (
    ("defined(__ARM_FEATURE_MVE) && defined(KERNELS_OPTIMIZED_FOR_SPEED)", _MVE[:1]),
    ("defined(__ARM_FEATURE_MVE)", _MVE),
    (
        "defined(__ARM_FEATURE_DSP) && defined(__ARMCC_VERSION)",
        (Kernels.CMSIS_NN_DSP_ARMCC,),
    ),
    ("defined(__ARM_FEATURE_DSP)", (Kernels.CMSIS_NN_DSP,)),
    ("1", (Kernels.CMSIS_NN,)),
)
_ELSEWHERE: Final = (Kernels.REFERENCE, Kernels.CMSIS_NN, Kernels.ESP_NN)


def arena_header(graph: Graph) -> str:
    """Lines of C that define TML_TFLM_ARENA_BYTES, a multiple of 16, unless it is already."""
    return "\n".join(
        [
            "#include <stdint.h>",
            "",
            "/* Without TF_LITE_STATIC_MEMORY TFLite Micro's structures are larger. */",
            "#ifdef TF_LITE_STATIC_MEMORY",
            "#define TML_TFLM_BYTES(small, whole) small",
            "#else",
            "#define TML_TFLM_BYTES(small, whole) whole",
            "#endif",
            "",
            "/* Bytes, a multiple of 16; for a TFLite Micro at commit 90b983c or near it. */",
            "#if defined(TML_TFLM_ARENA_BYTES)",
            "/* set by the user */",
            "#elif UINTPTR_MAX > 0xFFFFFFFFu",
            _define(graph, "POINTERS_64", Kernels.REFERENCE),
            "#elif !defined(__arm__) || defined(__linux__)",
            *_elsewhere(graph),
            "#else",
            *_arm(graph),
            "#endif",
            "",
        ]
    )


def _define(graph: Graph, abi: str, *kernels: Kernels) -> str:
    """The most that any of ``kernels`` needs, in both layouts of an ABI."""
    small, whole = (
        max(arena_bytes(graph, one, layout) for one in kernels)
        for layout in (Abi[abi], Abi[f"{abi}_WHOLE"])
    )
    return f"#define TML_TFLM_ARENA_BYTES TML_TFLM_BYTES({small}u, {whole}u)"


def _elsewhere(graph: Graph) -> list[str]:
    return [
        "#if defined(TML_TFLM_ESP_NN_VECTOR)",
        _define(graph, "POINTERS_32", Kernels.ESP_NN_VECTOR),
        "#elif defined(TML_TFLM_ESP_NN)",
        _define(graph, "POINTERS_32", Kernels.ESP_NN),
        "#elif defined(TML_TFLM_REFERENCE_KERNELS)",
        _define(graph, "POINTERS_32", Kernels.REFERENCE),
        "#else /* kernels not known */",
        _define(graph, "POINTERS_32", *_ELSEWHERE),
        "#endif",
    ]


def _arm(graph: Graph) -> list[str]:
    lines = [
        "#define TML_TFLM_ENUM_BYTES 1 /* engine.cc holds the compiler to it */",
        "#if defined(TML_TFLM_REFERENCE_KERNELS)",
        _define(graph, "ARM", Kernels.REFERENCE),
    ]
    for condition, kernels in _ARM_CORES:
        lines += [
            f"#elif {condition} && defined(CMSIS_NN)",
            _define(graph, "ARM", *kernels),
            f"#elif {condition} /* kernels not known */",
            _define(graph, "ARM", Kernels.REFERENCE, *kernels),
        ]
    return [*lines, "#endif"]
