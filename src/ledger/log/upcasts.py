"""Upcasts: how events of old stored names are read as the events of today. What is stored is never touched.

Each is a pure function from the JSON object of one stored name to that of the next, so that an event of the first version goes
`.1 → .2 → .3` and nobody has to write `.1 → .3`. An upcast keeps what the event is about: its entity stands in a column.
"""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

Body = dict[str, Any]


class Upcast(NamedTuple):
    """The stored name that follows, and what its body says, told from the older one."""

    becomes: str
    change: Callable[[Body], Body]


UPCASTS: Final[dict[str, Upcast]] = {}
"""By stored name: those of old. Every chain ends at a name in the catalogue."""


def upcast(stored_name: str, body: str) -> tuple[str, str]:
    """The name and the body that an event of an old stored name has today.

    Raises ValueError where the body is no JSON object, and whatever a change raises that finds in it what it did not expect.
    """
    said = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("is no JSON object")  # as for any other text that is no such object
    while (step := UPCASTS.get(stored_name)) is not None:
        stored_name, said = step.becomes, step.change(said)
    return stored_name, json.dumps(said, ensure_ascii=False, separators=(",", ":"))
