"""A front end's settings as they are stored in a model: JSON, whose keys are its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from tinyml.features.front_end import FrontEnd

# These stand in the settings of every kind, with these values where the kind has no such parameter:
# a model that is trained again keeps its bytes. Parameters of newer kinds stand only in their own.
_IN_EVERY_KIND: Final = {"bands": [], "frame": 0, "hop": 0, "coefficients": 0, "floor": 0}


def to_dict(front_end: FrontEnd) -> dict[str, Any]:
    """Settings as JSON takes them; a kind's own parameter is left out where it is its default."""
    values: dict[str, Any] = {
        "kind": front_end.kind,
        "window": front_end.window,
        "channels": front_end.channels,
        **_IN_EVERY_KIND,
        "offsets": list(front_end.offsets),
        "multipliers": list(front_end.multipliers),
        "zero_point": front_end.zero_point,
    }
    for own in _own_fields(type(front_end)):
        value = getattr(front_end, own.name)
        if own.name in _IN_EVERY_KIND or value != own.default:
            values[own.name] = _listed(value)
    return values


def values_of(kind: type[FrontEnd], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments for ``kind`` from what :func:`to_dict` made.

    Raises KeyError, TypeError, ValueError or ArithmeticError where they are damaged.
    """
    own = _own_fields(kind)
    absent = {one.name for one in own if one.default is not MISSING and one.name not in settings}
    types = get_type_hints(kind)
    return {
        one.name: _typed(settings[one.name], types[one.name])
        for one in fields(kind)
        if one.name not in absent
    }


def _own_fields(kind: type[FrontEnd]) -> list[Field[Any]]:
    names = kind.parameters()
    return [one for one in fields(kind) if one.name in names]


def _listed(value: Any) -> Any:
    """Tuples as lists, also inside of others: what JSON reads is then what was written."""
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def _typed(value: Any, wanted: Any) -> Any:
    """A value of JSON as the field's type: a whole number, a text, or a tuple of those."""
    if get_origin(wanted) is not tuple:
        if type(value) is not wanted:
            raise TypeError(f"{value!r} stands where {wanted.__name__} should")
        return value
    inner = get_args(wanted)
    if inner[-1] is Ellipsis:
        return tuple(_typed(one, inner[0]) for one in value)
    return tuple(_typed(one, type_) for one, type_ in zip(value, inner, strict=True))
