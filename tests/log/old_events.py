"""Events as versions might have stored them that never were, and how they are read as events of today."""

from typing import Any, Final

import pytest

from ledger.domain.entries import Stored
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
