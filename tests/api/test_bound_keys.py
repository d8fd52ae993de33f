"""Keys that are bound to one session: every function that names one, and those that go beyond."""

from typing import Any, Final

import pytest

from ledger.application.functions import Function, Query
from tests.api.locked import ROUTED, Headers, Locked, code_of


class Shoot:
    """A session with one of everything that has an Id."""

    def __init__(self, locked: Locked) -> None:
        self.session_id: str = locked.record("session/start", sessionType="music_demo")
        at = {"sessionId": self.session_id, "timestampMs": 1}
        self.event_id: str = locked.record("event", **at, eventType="cut", cameraId="c")
        self.still_id: str = locked.record("still-candidate", **at, cameraId="c", score=1)

    def arguments(self, function: Function) -> dict[str, Any]:
        """What the function takes to be about this session."""
        known: dict[str, Any] = {
            "sessionId": self.session_id,
            "eventId": self.event_id,
            "stillCandidateId": self.still_id,
            "sourceEventId": self.event_id,
            "entityId": self.event_id,
            "cameraId": "c",
            "sourceType": "s",
            "role": "r",
            "priorityWeight": 1,
            "isActive": True,
            "timestampMs": 1,
            "eventType": "cut",
            "events": [],
            "score": 1,
            "assetType": "clip",
            "path": "p",
            "changes": {"score": 1},
            "reason": "r",
            "fromSequence": 1,
        }
        fields = function.arguments.model_fields.values()
        required = {field.alias: field.is_required() for field in fields}
        untold = [name for name, needed in required.items() if needed and name not in known]
        assert not untold, f"{function.name}: say here what {untold} may be"
        return {name: known[name] for name in required if name in known and (required[name] or name.endswith("Id"))} | (
            {"events": [{"timestampMs": 1, "eventType": "cut"}]} if "events" in required else {}
        )


@pytest.fixture(scope="session")
def mine(locked: Locked) -> Shoot:
    return Shoot(locked)


@pytest.fixture(scope="session")
def theirs(locked: Locked) -> Shoot:
    return Shoot(locked)


@pytest.fixture(scope="session")
def bound(locked: Locked, mine: Shoot) -> Headers:
    """Who may do everything with one session."""
    return locked.key("bound", "read", "write", session_id=mine.session_id)


def is_of_one(function: Function) -> bool:
    return (function.session if isinstance(function, Query) else function.partition) is not None


OF_ONE_SESSION: Final = [
    function for function in ROUTED if function.about == "session" and is_of_one(function) and function.scope != "admin"
]
OF_MORE: Final = [function for function in ROUTED if function not in OF_ONE_SESSION and function.scope != "write"]
"""What every writer may do, of whatever session, is asked elsewhere."""
each_of_one_session = pytest.mark.parametrize("function", OF_ONE_SESSION, ids=lambda function: function.name)


@each_of_one_session
def test_a_bound_key_reaches_its_session_and_no_other(
    locked: Locked, bound: Headers, mine: Shoot, theirs: Shoot, function: Function
):
    allowed = locked.call(function, mine.arguments(function), bound)
    assert allowed.status_code not in (401, 403), allowed.text
    before = locked.head()
    refused = locked.call(function, theirs.arguments(function), bound)
    assert code_of(refused) == (403, "forbidden")
    named = mine.arguments(function)
    of_nobody = {"sessionId": "s0nobody"} if "sessionId" in named else {"eventId": "s0nobody-e1"}
    nobodys = named | {
        name: it for name, it in (of_nobody | {"stillCandidateId": "s0nobody-k1"}).items() if name in named
    }
    assert code_of(locked.call(function, nobodys, bound)) == (403, "forbidden"), (
        "nor is it told which sessions there are"
    )
    assert locked.head() == before


@each_of_one_session
def test_no_function_reaches_another_session_by_an_id_inside_its_own(
    locked: Locked, bound: Headers, mine: Shoot, theirs: Shoot, function: Function
):
    arguments = mine.arguments(function)
    for name in arguments.keys() & {"eventId", "sourceEventId", "entityId"}:
        before = locked.head()
        answer = locked.call(function, arguments | {name: theirs.arguments(function)[name]}, bound)
        assert 400 <= answer.status_code < 500, f"{name}: {answer.text}"
        assert locked.head() == before


def _fields(function: Function) -> set[str]:
    return {field.alias or name for name, field in function.arguments.model_fields.items()}


@pytest.mark.parametrize("function", OF_MORE, ids=lambda function: function.name)
def test_a_bound_key_starts_no_session_and_asks_about_no_other(locked: Locked, bound: Headers, function: Function):
    before = locked.head()
    needed: dict[str, dict[str, Any]] = {
        "production:startProductionSession": {"sessionType": "music_demo"},
        "ledger:getConsistency": {"fromPosition": 1},
        "captures:create": {"imageUrl": "https://frames.example/1", "source": "telegram"},
        "captures:updateStatus": {"id": "c" + "0" * 24 + "-p1", "status": "identified"},
        "captures:store": {"data": {"capture_id": "face-1"}},
    }
    needed |= {
        name: {"jobId": "v1-j2", "attempt": 1, "failure": "quota", "error": "x"}
        for name in ("jobs:heartbeat", "jobs:complete", "jobs:fail", "jobs:cancel", "jobs:get")
    }
    arguments = needed.get(function.name, {"kinds": ["any"]})
    arguments = {name: value for name, value in arguments.items() if name in _fields(function)}
    assert code_of(locked.call(function, arguments, bound)) == (403, "forbidden")
    assert locked.head() == before


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_the_ledgers_numbers_are_for_those_who_read_all_of_it(locked: Locked, bound: Headers, path: str):
    assert code_of(locked.server.client.get(path, headers=bound)) == (403, "forbidden")
