"""One line for each entry of a session's history: what happened, for somebody who looks on."""

from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text

from ledger.cli.door import Door, DoorError
from ledger.cli.screens import time_of_day

PAGE_LENGTH: Final = 1_000
_TOLD: Final = (
    "cameraId",
    "role",
    "status",
    "section",
    "tempo",
    "energy",
    "score",
    "assetType",
    "path",
    "imagePath",
    "poseLabel",
    "isActive",
    "priorityWeight",
    "corrects",
    "reason",
    "title",
)
"""What a line says of a body, in this order."""

_STYLES: Final = {"cut": "bold", "hold": "cyan", "release": "cyan", "hero pose marker": "magenta"}


class SessionRestoredError(DoorError):
    """The ledger was restored from a backup while its session was read, and what was read last may be lost."""

    def __init__(self, conflict: DoorError) -> None:
        message = (
            "the ledger was restored from a backup: what this session had recorded after sequence"
            f" {conflict.detail['sequence']} is lost, unless its writers send it again"
        )
        super().__init__(conflict.code, message, conflict.detail)


class History:
    """Walks through a session's history, and on as it grows."""

    def __init__(self, door: Door, session_id: str, **filters: str | None) -> None:
        """``filters`` as the contract names them: ``type``, ``actor``, ``entityId``."""
        self._door = door
        self._asked = {"sessionId": session_id, "numItems": PAGE_LENGTH, **filters}
        self._cursor: str | None = None

    def news(self) -> Iterator[dict[str, Any]]:
        """The entries since the last time, to the present end.

        Raises DoorError; then the next call goes on there. Where it is a SessionRestoredError, that is the last entry of those
        told that the restored ledger has as well.
        """
        while True:
            try:
                found = self._door.ask("production:listSessionHistory", self._asked | {"cursor": self._cursor})
            except DoorError as failure:
                if failure.code != "conflict" or "continueCursor" not in failure.detail:
                    raise
                self._cursor = failure.detail["continueCursor"]
                raise SessionRestoredError(failure) from failure
            self._cursor = found["continueCursor"] or self._cursor
            yield from found["page"]
            if found["isDone"]:
                return


def line(entry: dict[str, Any]) -> Text:
    """An entry in words: sequence, program time where it has one, who, what."""
    body = entry["body"]
    what = what_of(entry)
    at = body.get("timestampMs")
    return Text.assemble(
        (f"{entry['sequence']:>6}  ", "dim"),
        f"{time_of_day(at) if at is not None else '':12}  ",
        (f"{entry['actor']:<15.15}  ", "dim"),
        (f"{what:<18}", _STYLES.get(what, "")),
        " ",
        _details(body),
        ("  (corrected)", "yellow") if "correctedBy" in entry else "",
    )


def what_of(entry: dict[str, Any]) -> str:
    """A director event by its own type, everything else by its stored name."""
    name: str = entry["body"].get("eventType") or entry["type"].rpartition(".")[0]
    return name.replace("_", " ").replace("-", " ")


def _details(body: dict[str, Any]) -> str:
    told = [(name, body[name]) for name in _TOLD if body.get(name) is not None]
    return "  ".join(str(value) if isinstance(value, str) else f"{name}={value}" for name, value in told)
