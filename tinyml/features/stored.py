"""A front end's settings as they are stored in a model: JSON, whose keys are its fields."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from tinyml.documents import Fields

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


def values_of(kind: type[FrontEnd], settings: Fields) -> dict[str, Any]:
    """Arguments for ``kind`` from what :func:`to_dict` made.

    Raises the error of ``settings`` where they are damaged.
    """
    own = _own_fields(kind)
    absent = {one.name for one in own if one.default is not MISSING and one.name not in settings}
    types = get_type_hints(kind)
    found = {}
    for one in fields(kind):
        if one.name in absent:
            continue
        value = settings.raw(one.name)
        if not _is(value, types[one.name]):
            raise settings.wrong(one.name, "is damaged; it must be as `tinyml train` writes it")
        found[one.name] = _tupled(value)
    return found


def _own_fields(kind: type[FrontEnd]) -> list[Field[Any]]:
    names = kind.parameters()
    return [one for one in fields(kind) if one.name in names]


def _listed(value: Any) -> Any:
    """Tuples as lists, also inside of others: what JSON reads is then what was written."""
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def _is(value: Any, wanted: Any) -> bool:
    """Whether a value of JSON is of the field's type: a whole number, a text, or tuples of them."""
    if get_origin(wanted) is not tuple:
        return type(value) is wanted
    if not isinstance(value, list):
        return False
    inner = get_args(wanted)
    if inner[-1] is Ellipsis:
        return all(_is(one, inner[0]) for one in value)
    return len(value) == len(inner) and all(map(_is, value, inner))


def _tupled(value: Any) -> Any:
    """Lists as tuples, also inside of others."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
