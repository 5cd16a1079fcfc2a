"""Values as C writes them: numbers, tables in flash, and structs of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Elements a line of a table; keeps lines below 120 characters for every type.
_LINE_ELEMENTS = {1: 20, 2: 14, 4: 9, 8: 5}

C_TYPES = {
    np.dtype(np.int8): "int8_t",
    np.dtype(np.uint8): "uint8_t",
    np.dtype(np.bool_): "uint8_t",
    np.dtype(np.int16): "int16_t",
    np.dtype(np.uint16): "uint16_t",
    np.dtype(np.int32): "int32_t",
    np.dtype(np.uint32): "uint32_t",
    np.dtype(np.int64): "int64_t",
    np.dtype(np.float32): "float",
}


@dataclass(frozen=True, eq=False)
class Table:
    """An array in flash; a pointer to its first element where it is used."""

    role: str  # what its name says, "weights"
    data: npt.NDArray[np.generic]
    alignment: int = 0  # in bytes; 0 is the element's own

    @property
    def nbytes(self) -> int:
        """Its size."""
        return self.data.nbytes


@dataclass(frozen=True)
class Expression:
    """C text that stands for itself: a name, a macro, a string."""

    text: str


@dataclass(frozen=True)
class Struct:
    """A struct's fields by name."""

    type: str
    fields: Mapping[str, Value]

    def tables(self) -> Iterator[Table | StructTable]:
        """Every table in it, depth first."""
        for value in self.fields.values():
            yield from _tables_in(value)


@dataclass(frozen=True, eq=False)
class StructTable:
    """An array of structs in flash, at least one; none of them holds tables of its own."""

    role: str
    rows: tuple[Struct, ...]

    @property
    def nbytes(self) -> int:
        """Its size, where all fields have four bytes."""
        return sum(4 * _words(value) for row in self.rows for value in row.fields.values())


Value = (
    int
    | float
    | np.float32
    | Expression
    | Table
    | StructTable
    | Struct
    | tuple["Value", ...]
    | None
)


def _words(value: Value) -> int:
    return sum(_words(item) for item in value) if isinstance(value, tuple) else 1


def _tables_in(value: Value) -> Iterator[Table | StructTable]:
    if isinstance(value, (Table, StructTable)):
        yield value
    elif isinstance(value, Struct):
        yield from value.tables()
    elif isinstance(value, tuple):
        for item in value:
            yield from _tables_in(item)


def number(value: int | float | np.generic) -> str:
    """A literal that C reads back exactly."""
    if isinstance(value, (float, np.floating)):
        return f"{float(np.float32(value)).hex()}f"
    value = int(value)
    if value == -(2**31):
        return "INT32_MIN"
    if not -(2**31) < value < 2**31:
        return "INT64_MIN" if value == -(2**63) else f"INT64_C({value})"
    return str(value)


def string(text: str) -> Expression:
    """A string literal; whatever is not printable ASCII is escaped."""
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
        for byte in text.encode()
    )
    return Expression(f'"{escaped}"')


def define_table(name: str, table: Table | StructTable, attribute: str, qualifier: str = "") -> str:
    """The definition of a table, static and constant; ``qualifier`` stands before its type."""
    if isinstance(table, StructTable):
        rows = "".join(f"    {initializer(row, {})},\n" for row in table.rows)
        ctype = table.rows[0].type
        return (
            f"static const {qualifier}{ctype} {name}[{len(table.rows)}] {attribute} = {{\n{rows}}};"
        )
    flat = table.data.reshape(-1)
    aligned = f" __attribute__((aligned({table.alignment})))" if table.alignment else ""
    per_line = _LINE_ELEMENTS[flat.dtype.itemsize]
    literals = [number(value) for value in flat.tolist()] if flat.dtype.kind in "ib" else None
    if literals is None:
        literals = [number(value) for value in flat]
    lines = [
        "    " + ", ".join(literals[start : start + per_line]) + ","
        for start in range(0, len(literals), per_line)
    ]
    element = qualifier + C_TYPES[flat.dtype]
    head = f"static const {element} {name}[{flat.size}]{aligned} {attribute} = {{"
    return "\n".join([head, *lines, "};"])


def initializer(value: Value, names: Mapping[int, str], indent: str = "    ") -> str:
    """What stands right of the ``=``; ``names`` maps ``id(table)`` to its name."""
    if value is None:
        return "NULL"
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, (Table, StructTable)):
        return names[id(value)]
    if isinstance(value, tuple):
        return "{" + ", ".join(initializer(item, names, indent) for item in value) + "}"
    if isinstance(value, Struct):
        inner = indent + "    "
        fields = [
            f"{inner}.{field} = {initializer(item, names, inner)},"
            for field, item in value.fields.items()
        ]
        return "\n".join(["{", *fields, indent + "}"])
    return number(value)
