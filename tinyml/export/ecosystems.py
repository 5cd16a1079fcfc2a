"""Arduino, PlatformIO, ESP-IDF, Zephyr: the library of C in each one's own wrapping.

Each runs on tinyml's engine or on the ecosystem's own package of TensorFlow Lite Micro.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tinyml import __version__
from tinyml.export.engine import ARDUINO, ESP_IDF, ZEPHYR, Engine, Package
from tinyml.export.library import header_name, library_files, sources_of
from tinyml.export.pieces import (
    cost_table,
    firmware_text,
    meaning,
    optional_text,
    origin,
    template,
    tensor_table,
)
from tinyml.export.source import Source

# What the node's service has of its own: two messages, a log, a record and its decoder.
_NODE_BYTES: Final = 12_000


def arduino_files(source: Source, engine: Engine) -> dict[str, str]:
    """A library with two sketches; Arduino library specification 1.5."""
    values = _values(source, engine, ARDUINO)
    files = _below("src", library_files(source, "arduino/port.cpp", engine, ARDUINO))
    values |= _parts("arduino", engine, "boards", "checked", "node_note")
    for name in ("library.properties", "README.md"):
        files[name] = template(f"arduino/{name}.in", **values)
    for sketch in ("Node", "SelfTest"):
        files[f"examples/{sketch}/{sketch}.ino"] = template(f"arduino/{sketch}.ino", **values)
    return files


def platformio_files(source: Source, engine: Engine) -> dict[str, str]:
    """A project whose library is the Arduino one under PlatformIO's own manifest."""
    values = _values(source, engine, ARDUINO)
    place = f"lib/{values['library']}"
    files = {
        f"{place}/{path}": text
        for path, text in arduino_files(source, engine).items()
        if path.startswith(("src/", "examples/SelfTest/"))
    }
    values |= _parts("platformio", engine, "checked", "environments", "package")
    files[f"{place}/library.json"] = template("platformio/library.json.in", **values)
    sketch = template("arduino/Node.ino", **values)
    files["src/main.cpp"] = "#include <Arduino.h>\n\n" + sketch
    for name in ("platformio.ini", "README.md"):
        files[name] = template(f"platformio/{name}.in", **values)
    return files


def esp_idf_files(source: Source, engine: Engine) -> dict[str, str]:
    """A component with an example; ESP-IDF build system and component manifest."""
    library = library_files(source, "esp_idf/port.c", engine, ESP_IDF)
    values = _values(source, engine, ESP_IDF)
    values["cmake_sources"] = _indented(sources_of(library, "src/"), 8)
    values |= _parts("esp_idf", engine, "checked", "options", "package")
    example = "examples/node"
    files = _below("src", library)
    files["CMakeLists.txt"] = template("esp_idf/component.cmake.in", **values)
    files["idf_component.yml"] = template("esp_idf/idf_component.yml.in", **values)
    files["Kconfig"] = template("esp_idf/Kconfig.in", **values)
    files["README.md"] = template("esp_idf/README.md.in", **values)
    files[f"{example}/CMakeLists.txt"] = (
        "cmake_minimum_required(VERSION 3.16)\n"
        "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\n"
        f"project({source.name}_node)\n"
    )
    files[f"{example}/partitions.csv"] = (
        "# Name, Type, SubType, Offset, Size\n"
        "nvs, data, nvs, , 24K\nphy_init, data, phy, , 4K\n"
        "factory, app, factory, , 1M\ntml_log, data, undefined, , 64K\n"
    )
    files[f"{example}/sdkconfig.defaults"] = (
        "CONFIG_PARTITION_TABLE_CUSTOM=y\nCONFIG_ESP_CONSOLE_UART_DEFAULT=y\n"
    )
    files[f"{example}/main/CMakeLists.txt"] = 'idf_component_register(SRCS "main.c")\n'
    files[f"{example}/main/idf_component.yml"] = (
        f'dependencies:\n  {values["library"]}:\n    version: "*"\n    override_path: "../../../"\n'
    )
    files[f"{example}/main/main.c"] = firmware_text("exports/esp_idf/main.c")
    return files


def zephyr_files(source: Source, engine: Engine) -> dict[str, str]:
    """A module with a sample and a west manifest."""
    library = library_files(source, "zephyr/port.c", engine, ZEPHYR)
    values = _values(source, engine, ZEPHYR)
    values["cmake_sources"] = _indented(sources_of(library, "../src/"), 4)
    more = ("checked", "depends", "group_filter", "modules", "options")
    values |= _parts("zephyr", engine, *more)
    sample = "samples/node"
    files = _below("src", library)
    files["zephyr/module.yml"] = template("zephyr/module.yml.in", **values)
    files["zephyr/CMakeLists.txt"] = template("zephyr/module.cmake.in", **values)
    files["zephyr/Kconfig"] = template("zephyr/Kconfig.in", **values)
    files["west.yml"] = template("zephyr/west.yml.in", **values)
    files["README.md"] = template("zephyr/README.md.in", **values)
    files[f"{sample}/CMakeLists.txt"] = template("zephyr/sample.cmake.in", **values)
    files[f"{sample}/sample.yaml"] = template("zephyr/sample.yaml.in", **values)
    settings = firmware_text("exports/zephyr/prj.conf")
    files[f"{sample}/prj.conf"] = settings + _part("zephyr", engine, "configuration")
    files[f"{sample}/src/main.c"] = firmware_text("exports/zephyr/main.c")
    return files


def _below(place: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{place}/{path}": text for path, text in files.items()}


def _indented(lines: list[str], spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in lines)


def _part(ecosystem: str, engine: Engine, name: str) -> str:
    """What a file has more for one engine; nothing where there is nothing in its folder."""
    return optional_text(f"exports/{ecosystem}/{engine.value}/{name}")


def _parts(ecosystem: str, engine: Engine, *names: str) -> dict[str, str]:
    """The same for places of templates."""
    return {name: _part(ecosystem, engine, name) for name in names}


def _values(source: Source, engine: Engine, package: Package) -> dict[str, str]:
    """What the templates have places for."""
    library = f"tinyml_{source.name}"
    values = {
        "name": source.name,
        "library": library,
        "folder": library,
        "version": __version__,
        "header": header_name(source),
        "origin": origin(source),
        "node_bytes": f"{_NODE_BYTES:,}",
        "meaning": meaning(source),
        "tensors": tensor_table(source),
    }
    if engine is Engine.TFLM:
        return values | {
            "engine": f"Computed by TensorFlow Lite Micro: {package.name} {package.version}.",
            "cost": package.arena_table(source),
        }
    return values | {
        "engine": f"Computed by tinyml's engine, compiled for: {source.core}. Arena: "
        f"{source.compiled.arena_bytes:,} bytes.",
        "cost": cost_table(source),
    }
