"""SenML packs as plain records (RFC 8428, section 4: base fields and resolved records)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tinyml.errors import DataError

_ABSOLUTE_S: Final = 2.0**28  # times below are relative to now (RFC 8428, section 4.5.3)


def resolved(records: Sequence[Mapping[str, Any]], where: str) -> list[dict[str, Any]]:
    """Records with ``name``, ``time``, ``value`` and ``unit``; base fields hold until changed."""
    base: dict[str, Any] = {}
    found = []
    for number, record in enumerate(records, 1):
        base |= {key: record[key] for key in ("bn", "bt", "bu", "bv") if key in record}
        value = record.get("v", record.get("vb"))
        if value is None:
            continue
        try:
            time = float(base.get("bt", 0)) + float(record.get("t", 0))
            total = float(base.get("bv", 0)) + float(value)
        except (TypeError, ValueError) as error:
            raise DataError(f"{where}: record {number} of SenML has no number in v or t") from error
        if time < _ABSOLUTE_S:
            raise DataError(
                f"{where}: record {number} of SenML counts its time from when it was "
                "received, which the file does not contain; the sender must add 'bt'"
            )
        name = f"{base.get('bn', '')}{record.get('n', '')}"
        unit = record.get("u", base.get("bu", ""))
        found.append({"name": name, "time": time, "value": total, "unit": unit})
    return found
