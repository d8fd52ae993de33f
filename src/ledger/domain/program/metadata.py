"""Reading what callers keep in metadata: any JSON may stand there, and none of it may break a replay."""

import math
from typing import Any

from ledger.domain.cutlog import Transition
from ledger.domain.values import Number


def member(metadata: Any, name: str) -> Any:
    """A member of a JSON object, None where there is none, or no object."""
    return metadata.get(name) if isinstance(metadata, dict) else None


def as_name(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def as_number(value: Any) -> Number | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_hold_id(value: Any) -> str | None:
    """Writers count their holds or name them; ``7`` and ``"7"`` are one hold."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else as_name(value)


def as_transition(value: Any) -> Transition | None:
    kind, duration_ms = as_name(member(value, "type")), as_number(member(value, "durationMs"))
    if kind is None or duration_ms is None or duration_ms < 0:
        return None
    return Transition(type=kind, duration_ms=duration_ms)


def first_number(*values: Any) -> Number | None:
    for value in values:
        if (number := as_number(value)) is not None:
            return number
    return None


def first_name(*values: Any) -> str | None:
    for value in values:
        if (name := as_name(value)) is not None:
            return name
    return None
