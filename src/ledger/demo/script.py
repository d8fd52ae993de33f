"""What a writer does in a sample shoot: calls of the contract, each with the time on the stage at which it goes out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple

MULTICAM: Final = "multicam-server"
POSES: Final = "pose-logic"
MUSIC: Final = "music-path"
POST: Final = "post-worker"
WRITERS: Final = (MULTICAM, POSES, MUSIC, POST)

DIRECTOR_FUNCTIONS: Final = frozenset(
    {"production:appendDirectorEvent", "production:appendDirectorEventsBatch", "production:markHeroPose"}
)


class Ref(NamedTuple):
    """Stands for an Id that nobody knows until an earlier call, perhaps another writer's, is answered."""

    name: str


SESSION: Final = Ref("session")


@dataclass(frozen=True)
class Call:
    at_ms: int
    """When it goes out, in program time."""
    function: str
    arguments: dict[str, Any]
    """With a Ref wherever an Id will be."""
    names: tuple[str | None, ...] = ()
    """What later calls call the Ids that are answered, in their order."""

    @property
    def is_ordered(self) -> bool:
        """Whether its place among all writers' calls shows in the cut log: a director event that comes late is flagged."""
        return self.function in DIRECTOR_FUNCTIONS


@dataclass(frozen=True)
class Fact:
    """One director event, before it is known in which call it goes out."""

    writer: str
    ms: int
    event: dict[str, Any]
    name: str | None = None
    sent_ms: int | None = None
    """Where its writer could not send it at its time: when it could."""


class Times:
    """Whole milliseconds, each given out once: no two facts of two writers tie, so their order never hangs on the network."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def claim(self, ms: float) -> int:
        """The first free millisecond from ``ms`` on."""
        free = round(ms)
        while free in self._taken:
            free += 1
        self._taken.add(free)
        return free


@dataclass
class Part:
    """What one writer contributes."""

    facts: list[Fact] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def calls_of(facts: Iterable[Fact]) -> dict[str, list[Call]]:
    """Director events as calls, by writer: what follows one upon another without another writer between goes as a batch."""
    ordered = sorted(facts, key=lambda fact: fact.ms)
    late = [fact for fact in ordered if fact.sent_ms is not None]
    in_time = [fact for fact in ordered if fact.sent_ms is None]
    calls: dict[str, list[Call]] = {}
    for writer, run in groupby(in_time, key=lambda fact: fact.writer):
        for batch in _divided(list(run)):
            calls.setdefault(writer, []).append(_call(batch, batch[-1].ms))
    for (writer, sent_ms), group in groupby(late, key=lambda fact: (fact.writer, fact.sent_ms or 0)):
        calls.setdefault(writer, []).append(_call(list(group), sent_ms))
    return calls


def _divided(run: list[Fact]) -> Iterator[list[Fact]]:
    """Hero poses have a function of their own; the rest of a run stays together."""
    for is_pose, group in groupby(run, key=lambda fact: fact.event["eventType"] == "hero_pose_marker"):
        facts = list(group)
        yield from ([fact] for fact in facts) if is_pose else [facts]


def _call(facts: list[Fact], at_ms: int) -> Call:
    names = tuple(fact.name for fact in facts)
    if len(facts) > 1:
        events = [fact.event for fact in facts]
        return Call(at_ms, "production:appendDirectorEventsBatch", {"sessionId": SESSION, "events": events}, names)
    event = {"sessionId": SESSION, **facts[0].event}
    if event["eventType"] == "hero_pose_marker":
        del event["eventType"]
        return Call(at_ms, "production:markHeroPose", event, names)
    return Call(at_ms, "production:appendDirectorEvent", event, names)
