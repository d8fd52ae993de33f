"""The ledger as one would explain it on a napkin: lists of facts, tables of things, no disk and no time.

Written from the contract and not from the domain, so that it can be wrong on its own and no fault is in both.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Final, NamedTuple

Thing = dict[str, Any]
Tables = dict[str, dict[str, Thing]]
TABLES: Final = ("session", "cameras", "events", "stills", "music", "assets")
_MOVES: Final = {
    "setup": {"rolling", "complete", "cancelled"},
    "rolling": {"paused", "complete", "cancelled"},
    "paused": {"rolling", "complete", "cancelled"},
    "complete": set(),
    "cancelled": set(),
}
_MOVED: Final = {
    "rolling": "session-status-moved.1",
    "paused": "session-status-moved.1",
    "complete": "session-ended.1",
    "cancelled": "session-ended.1",
}
_STILL_SWITCHES: Final = {
    "isFavorite": ("still-unfavourited.1", "still-favourited.1"),
    "selectedForEdit": ("still-deselected.1", "still-selected.1"),
}
EVENT_TYPES: Final = ("cut", "hold", "release", "bar_fire")


class No(Exception):
    """The request is refused, with this code."""


class Fact(NamedTuple):
    """What changes about one thing."""

    type: str
    table: str
    key: str
    changes: Thing
    unset: Sequence[str] = ()


class Shoot:
    """One session: its facts, the things they amount to, and what these were after each of the facts."""

    def __init__(self, session_id: str) -> None:
        self.id = session_id
        self.facts: list[Fact] = []
        self.tables: Tables = {table: {} for table in TABLES}
        self.past: list[Tables] = []

    def record(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            thing = self.tables[fact.table].setdefault(fact.key, {})
            thing |= fact.changes
            for name in fact.unset:
                thing.pop(name, None)
            self.facts.append(fact)
            self.past.append(deepcopy(self.tables))

    def decide(self, name: str, arguments: Thing) -> tuple[Any, list[Fact]]:
        """The answer to a request, and the facts that it leads to. Raises No."""
        fields = {field: value for field, value in arguments.items() if field != "sessionId"}
        answer, facts = _DECIDE[name](self, fields)
        return answer, facts

    def timeline(self, sequence: int) -> Thing:
        """What the timeline shows after so many facts."""
        past = self.past[sequence - 1]
        events = {key: event for key, event in past["events"].items() if "void" not in event}
        return {
            "session": past["session"][self.id],
            "cameras": sorted(past["cameras"].values(), key=lambda camera: str(camera["cameraId"])),
            "directorEvents": in_time(events),
            "stillCandidates": in_time(past["stills"]),
            "musicMoments": in_time(past["music"]),
        }

    def next_id(self, letter: str, further: int = 0) -> str:
        return f"{self.id}-{letter}{len(self.facts) + 1 + further}"

    def new(self, type_: str, table: str, letter: str, fields: Thing, further: int = 0) -> Fact:
        """Something that comes to be, known by where its first fact stands."""
        new = self.next_id(letter, further)
        return Fact(type_, table, new, {"_id": new, "sessionId": self.id, **fields})

    def patch(self, type_: str, table: str, key: str, fields: Thing) -> list[Fact]:
        """One fact of what really changes about a thing, if anything does. Raises No."""
        wanted = {field: value for field, value in fields.items() if field not in ("unset", "timestampMs")}
        unset = fields.get("unset", ())
        if any(name in wanted for name in unset):
            raise No("invalid")
        thing = self.tables[table][key]
        changes = {field: value for field, value in wanted.items() if thing.get(field) != value}
        cleared = [name for name in unset if name in thing]
        return [Fact(type_, table, key, changes, cleared)] if changes or cleared else []

    def move(self, status: str | None, at: float) -> list[Fact]:
        """The session goes from one status to another, if it may. Raises No."""
        now = self.tables["session"][self.id]["status"]
        if status in (None, now):
            return []
        if status not in _MOVES[now]:
            raise No("refused")
        ended = {"completedAt": at} if status in ("complete", "cancelled") else {}
        return [Fact(_MOVED[str(status)], "session", self.id, {"status": status, **ended})]


def in_time(things: dict[str, Thing]) -> list[Thing]:
    """By their own time, and in the order of their recording where that is the same."""
    return sorted(things.values(), key=lambda thing: float(thing["timestampMs"]))


def _start(shoot: Shoot, fields: Thing) -> Any:
    told = {field: value for field, value in fields.items() if field != "timestampMs"}
    new = {"_id": shoot.id, "status": "setup", "startedAt": fields["timestampMs"], **told}
    return shoot.id, [Fact("session-started.1", "session", shoot.id, new)]


def _update(shoot: Shoot, fields: Thing) -> Any:
    wanted = {field: value for field, value in fields.items() if field != "status"}
    facts = shoot.patch("session-updated.1", "session", shoot.id, wanted)
    return None, facts + shoot.move(fields.get("status"), fields["timestampMs"])


def _complete(shoot: Shoot, fields: Thing) -> Any:
    notes = {field: fields[field] for field in ("notes",) if field in fields}
    facts = shoot.patch("session-updated.1", "session", shoot.id, notes)
    return None, facts + shoot.move(fields.get("status", "complete"), fields["timestampMs"])


def _reopen(shoot: Shoot, fields: Thing) -> Any:
    if shoot.tables["session"][shoot.id]["status"] not in ("complete", "cancelled"):
        raise No("refused")
    return None, [Fact("session-reopened.1", "session", shoot.id, {"status": "paused"}, ["completedAt"])]


def _upsert_camera(shoot: Shoot, fields: Thing) -> Any:
    name = fields["cameraId"]
    known = shoot.tables["cameras"].get(name)
    if known is not None:
        return known["_id"], shoot.patch("camera-updated.1", "cameras", name, fields)
    if any(field in fields for field in fields.get("unset", ())):
        raise No("invalid")
    told = {field: value for field, value in fields.items() if field not in ("unset", "timestampMs")}
    new = shoot.new("camera-registered.1", "cameras", "c", told)
    return new.key, [new._replace(key=name)]


def _set_camera_state(shoot: Shoot, fields: Thing) -> Any:
    if fields["cameraId"] not in shoot.tables["cameras"]:
        raise No("not_found")
    return None, shoot.patch("camera-updated.1", "cameras", fields["cameraId"], fields)


def _append_events(shoot: Shoot, fields: Thing) -> Any:
    if any(event["eventType"] not in EVENT_TYPES for event in fields["events"]):
        raise No("invalid")
    facts = [
        shoot.new("director-event-recorded.1", "events", "e", event, further)
        for further, event in enumerate(fields["events"])
    ]
    return [fact.key for fact in facts], facts


def _append_event(shoot: Shoot, fields: Thing) -> Any:
    (answer,), facts = _append_events(shoot, {"events": [fields]})
    return answer, facts


def _mark_hero_pose(shoot: Shoot, fields: Thing) -> Any:
    new = shoot.new("director-event-recorded.1", "events", "e", {"eventType": "hero_pose_marker", **fields})
    return new.key, [new]


def _correct(shoot: Shoot, fields: Thing) -> Any:
    changes, named = dict(fields["changes"]), fields["eventId"]
    if named not in shoot.tables["events"]:
        raise No("not_found")
    unset = changes.pop("unset", [])
    if (not changes and not unset) or any(name in changes for name in unset):
        raise No("invalid")
    said_by = {"correctedBy": shoot.next_id("e")}
    still_there = () if changes.get("void") else ("void",)
    corrected = Fact("director-event-corrected.1", "events", named, changes | said_by, [*unset, *still_there])
    return said_by["correctedBy"], [corrected]


def _create_still(shoot: Shoot, fields: Thing) -> Any:
    if "sourceEventId" in fields and fields["sourceEventId"] not in shoot.tables["events"]:
        raise No("not_found")
    new = shoot.new("still-recorded.1", "stills", "k", {"isFavorite": False, "selectedForEdit": False, **fields})
    return new.key, [new]


def _update_still(shoot: Shoot, fields: Thing) -> Any:
    named = fields["stillCandidateId"]
    if named not in shoot.tables["stills"]:
        raise No("not_found")
    wanted = {name: value for name, value in fields.items() if name not in ("stillCandidateId", *_STILL_SWITCHES)}
    facts = shoot.patch("still-updated.1", "stills", named, wanted)
    for switch, types in _STILL_SWITCHES.items():
        if fields.get(switch) not in (None, shoot.tables["stills"][named][switch]):
            facts.append(Fact(types[fields[switch]], "stills", named, {switch: fields[switch]}))
    return None, facts


def _append_music(shoot: Shoot, fields: Thing) -> Any:
    new = shoot.new("music-moment-recorded.1", "music", "m", fields)
    return new.key, [new]


def _create_asset(shoot: Shoot, fields: Thing) -> Any:
    new = shoot.new("asset-registered.1", "assets", "a", fields)
    return new.key, [new]


_DECIDE: Final[dict[str, Callable[[Shoot, Thing], Any]]] = {
    "startProductionSession": _start,
    "updateProductionSession": _update,
    "completeProductionSession": _complete,
    "reopenProductionSession": _reopen,
    "upsertProductionCamera": _upsert_camera,
    "setProductionCameraState": _set_camera_state,
    "appendDirectorEvent": _append_event,
    "appendDirectorEventsBatch": _append_events,
    "markHeroPose": _mark_hero_pose,
    "correctDirectorEvent": _correct,
    "createStillCandidate": _create_still,
    "updateStillCandidate": _update_still,
    "appendMusicMoment": _append_music,
    "createProductionAsset": _create_asset,
}
