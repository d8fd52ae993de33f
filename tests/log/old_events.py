"""Events as versions might have stored them that never were: names of old with their upcasts, and logs that hold such events."""

from typing import Any, Final

import pytest

from ledger.domain.entries import Entry, Event, Stored
from ledger.log.eventlog import EventLog
from ledger.log.upcasts import UPCASTS, Upcast

CUT_OF_OLD: Final = Stored(
    "switcher-cut.1", '{"seconds": 1.5, "camera": "é", "metadata": {"holdId": "h", "n": [null]}}'
)
"""Spaced as no encoder of ours would: whoever shows or hashes it must take it as it stands."""
CUT_OF_TODAY: Final = (
    '{"timestampMs":1500,"eventType":"cut","cameraId":"é","metadata":{"holdId":"h","n":[null]}}'  # after two steps
)
STILL_OF_OLD: Final = Stored("still-recorded.0", '{"camera":"é","timestampMs":1400}')


def _named(said: dict[str, Any]) -> dict[str, Any]:
    return {"eventType": "cut", "timestampMs": round(said.pop("seconds") * 1000), **said}


def _camera_id(said: dict[str, Any]) -> dict[str, Any]:
    return {"cameraId": said.pop("camera"), **said}


def _scored(said: dict[str, Any]) -> dict[str, Any]:
    return {"cameraId": said.pop("camera"), "score": 0, **said}


def teach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the made-up names read as events of today for the length of a test, one of them by two steps."""
    monkeypatch.setitem(UPCASTS, "switcher-cut.1", Upcast("director-event-recorded.0", _named))
    monkeypatch.setitem(UPCASTS, "director-event-recorded.0", Upcast("director-event-recorded.1", _camera_id))
    monkeypatch.setitem(UPCASTS, "still-recorded.0", Upcast("still-recorded.1", _scored))


def record_as_of_old(log: EventLog, partition: str, *events: Stored) -> None:
    """Append events as a version of old would have: under its names, in its words. Of stills, each is its own entity."""
    (recorder,) = log.recorders
    with recorder.appending() as append:
        first = log.head_of(partition).sequence + 1
        append.insert(
            [
                (Entry(partition, sequence, append.recorded_at, "ann", None, entity, Event(), body), name)
                for sequence, (name, body) in enumerate(events, first)
                for entity in [f"still:{sequence}" if name.startswith("still") else None]
            ]
        )
