"""The timeline: a session with everything in it, as one payload."""

from typing import NamedTuple


class Timeline(NamedTuple):
    """Documents as JSON text."""

    session: str | None
    """None where the views do not have it yet."""
    cameras: list[str]
    """By ``cameraId``."""
    timed: dict[str, list[str]]
    """Director events, still candidates and music moments by the contract's names for them, each in time order."""
    truncated: bool = False
    """A window holds more than is shown of it."""

    def to_json(self) -> str:
        lists = {"cameras": self.cameras} | self.timed
        shown = "".join(f',"{name}":[{",".join(documents)}]' for name, documents in lists.items())
        truncated = ',"truncated":true' if self.truncated else ""
        return f'{{"session":{self.session or "null"}{shown}{truncated}}}'
