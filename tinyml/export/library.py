"""Model and node as one folder of C that any build system can take: every include is relative.

Arduino and PlatformIO compile whatever lies under ``src`` with that one folder on the include path;
so a file says where its headers are from where it stands itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from tinyml.export.engine import Engine, Package
from tinyml.export.pieces import firmware_text, origin, self_test_vector
from tinyml.export.source import Source
from tinyml.export.tflm import model_files
from tinyml.resources import folder

_INCLUDE: Final = re.compile(r'^(\s*#\s*include\s+)"([^"]+)"', re.MULTILINE)
# Where an include is looked for, beside the folder of the file that has it.
_INCLUDE_FOLDERS: Final = ("", "kernels", "include")
_NODE_FOLDERS: Final = ("node", "link", "store", "self_test")
_PORTS_OWN: Final = "port"
_PERIOD_US: Final = 1_000_000  # of a model that does not know its rate


def library_files(source: Source, port: str, engine: Engine, package: Package) -> dict[str, str]:
    """Text by path: model, kernels, front end, node, application loop, self test, and a port.

    Args:
        source: the model.
        port: the file of ``firmware/ports`` that ties it to the ecosystem.
        engine: what computes.
        package: the ecosystem's TensorFlow Lite Micro, for that engine.
    """
    if engine is Engine.TFLM:
        package.check(source)
        made = model_files(source, package.header)
        files = {_as_cpp(path): text for path, text in made.items()}
    else:
        files = dict(source.compiled.files)
        for description in ("model.cmake", "model.json"):
            del files[description]
    for name in _NODE_FOLDERS:
        for path in sorted((folder("firmware") / name).glob("*.[ch]")):
            files[f"{name}/{path.name}"] = path.read_text(encoding="utf-8")
    for path in sorted((folder("firmware") / "include" / "tml").glob("*.h")):
        files[f"include/tml/{path.name}"] = path.read_text(encoding="utf-8")
    for name in ("app.c", "app.h"):
        files[name] = firmware_text(f"exports/app/{name}")
    files[f"{_PORTS_OWN}{PurePosixPath(port).suffix}"] = firmware_text(f"ports/{port}")
    files.update(self_test_vector(source))
    files["sampling.h"] = _sampling(source)
    files[header_name(source)] = _umbrella(source)
    return {_place(path): _relative_includes(path, text, files) for path, text in files.items()}


def _as_cpp(path: str) -> str:
    """Arduino compiles no .cc."""
    return f"{path.removesuffix('.cc')}.cpp" if path.endswith(".cc") else path


def header_name(source: Source) -> str:
    """The one header that an application in C++ includes."""
    return f"tinyml_{source.name}.h"


def sources_of(files: Mapping[str, object], prefix: str) -> list[str]:
    """What is compiled or assembled of ``files``, below ``prefix``, sorted."""
    return sorted(f"{prefix}{path}" for path in files if path.endswith((".c", ".cpp", ".cc", ".S")))


def _place(path: str) -> str:
    return path.removeprefix("include/")


def _relative_includes(path: str, text: str, files: Mapping[str, str]) -> str:
    here = PurePosixPath(path).parent

    def relative(found: re.Match[str]) -> str:
        for name in (str(here), *_INCLUDE_FOLDERS):
            target = str(PurePosixPath(name) / found[2])
            if target in files:
                return f'{found[1]}"{_steps(PurePosixPath(_place(path)).parent, _place(target))}"'
        return found[0]

    return _INCLUDE.sub(relative, text)


def _steps(start: PurePosixPath, target: str) -> str:
    """The path to ``target`` from the folder ``start``."""
    if str(start) == ".":
        return target
    own, parts = start.parts, PurePosixPath(target).parts
    common = 0
    while common < min(len(own), len(parts) - 1) and own[common] == parts[common]:
        common += 1
    return "/".join([".."] * (len(own) - common) + list(parts[common:]))


def _sampling(source: Source) -> str:
    """What the application loop needs to know of the sensor."""
    if source.settings is None:
        channels = 0
        values_bytes = sum(source.graph.tensor(index).bytes for index in source.graph.inputs)
    else:
        channels = source.settings.front_end.channels
        values_bytes = 2 * channels
    known = source.settings is not None and source.settings.sample_period_us > 0
    period = "TML_MODEL.sample_period_us" if known else f"UINT64_C({_PERIOD_US})"
    return (
        f"/* {origin(source)} */\n#ifndef TML_SAMPLING_H\n#define TML_SAMPLING_H\n\n"
        "/* Channels of a sample; 0 where the model has no front end and takes its inputs. */\n"
        f"#define TML_CHANNELS {channels}\n"
        "/* Time from one reading of the sensor to the next: the model's, unless it is said. */\n"
        f"#ifndef TML_SAMPLE_PERIOD_US\n#define TML_SAMPLE_PERIOD_US {period}\n#endif\n"
        "/* Samples that the sensor keeps by itself until they are read: a FIFO, a buffer that is\n"
        " * filled in the background. Without one, what is read too late is missed. */\n"
        "#ifndef TML_SENSOR_BUFFERED\n#define TML_SENSOR_BUFFERED 0u\n#endif\n"
        "/* What one reading gives. */\n"
        f"#define TML_VALUES_BYTES {values_bytes}\n\n#endif\n"
    )


def _umbrella(source: Source) -> str:
    guard = f"TINYML_{source.name.upper()}_H"
    return (
        f"/* {origin(source)} */\n#ifndef {guard}\n#define {guard}\n\n"
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
        '#ifdef __cplusplus\nextern "C" {\n#endif\n'
        '#include "app.h"\n#include "model_select.h"\n#include "sampling.h"\n'
        '#include "self_test_vector.h"\n#include "tml/self_test.h"\n#include "tml/service.h"\n'
        "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
    )
