"""Decisions told as sentences: given what happened, when this is asked, then that is recorded, or refused.

``stills.given(started, recorded).when(UpdateStill(...)).then(StillFavourited(still=2))``
"""

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import pytest

from ledger.domain import assets as assets_noun
from ledger.domain import cameras as cameras_noun
from ledger.domain import director as director_noun
from ledger.domain import music as music_noun
from ledger.domain import sessions as sessions_noun
from ledger.domain import stills as stills_noun
from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import parse_id
from ledger.domain.refusals import Refusal
from ledger.domain.sessions import Session, SessionStarted
from ledger.domain.stills import Still
from ledger.domain.vocabulary import Vocabulary
from tests.recordings import SESSION, Recording

State = TypeVar("State")
Decide = Callable[[Any, "History"], Sequence[Event]]

VOCABULARY = Vocabulary()
started = SessionStarted(session_type="music_demo", status="setup", timestamp_ms=1_000)
"""The beginning of most histories, sequence 1."""


class History:
    """What has happened in one session, and who decides what may happen next."""

    def __init__(self, decide: Decide, events: Sequence[Event]) -> None:
        self._decide = decide
        self._events = tuple(events)
        self.entries = Recording().record_all(events).entries

    def state(self, entity: str, evolve: Callable[[State | None, Entry], State]) -> State | None:
        """What an entity amounts to after all that has happened."""
        state: State | None = None
        for entry in self.entries:
            if entry.entity == entity:
                state = evolve(state, entry)
        return state

    @property
    def session(self) -> Session | None:
        return self.state(sessions_noun.ENTITY, sessions_noun.evolve)

    def still(self, sequence: int) -> Still | None:
        return self.state(stills_noun.entity_of(sequence), stills_noun.evolve)

    def event_named(self, thing_id: str | None) -> Event | None:
        """The event at the sequence that an Id of this session names."""
        named = parse_id(thing_id or "")
        at = [entry.event for entry in self.entries if named and entry.sequence == named.sequence]
        return at[0] if named and named.partition == SESSION and at else None

    def when(self, command: Any) -> "Outcome":
        try:
            return Outcome(self, self._decide(command, self), None)
        except Refusal as refusal:
            return Outcome(self, (), refusal)

    def and_then(self, events: Sequence[Event]) -> Self:
        return type(self)(self._decide, (*self._events, *events))


def _as_stored(event: Event) -> Event:
    """The event as it will be read back: one that was stated under rules is the plain one by then."""
    kind = BY_STORED_NAME[event.stored_as]
    return kind(**{name: getattr(event, name) for name in kind.model_fields})


class Outcome:
    """What a command came to."""

    def __init__(self, history: History, events: Sequence[Event], refusal: Refusal | None) -> None:
        self._before = history
        self.events = tuple(events)
        self.refusal = refusal

    def then(self, *events: Event) -> History:
        """These events and no others, in this order; answers the history that they make."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert tuple(map(_as_stored, self.events)) == events
        return self.after

    def then_nothing(self) -> History:
        return self.then()

    def then_refused(self, refusal: type[Refusal], field: str | None = None) -> None:
        """For this reason; ``field`` is what the caller is told to look at."""
        assert type(self.refusal) is refusal, f"{self.refusal!r}, with {self.events}"
        assert "None" not in str(self.refusal), "whoever is refused is told what was wrong, and with what"
        if field is not None:
            assert self.refusal.detail["field"] == field

    @property
    def after(self) -> History:
        """The history with what was decided; fails where the command was refused."""
        if self.refusal is not None:
            pytest.fail(f"refused: {self.refusal}")
        return self._before.and_then(self.events)


class Noun:
    """The rules of one noun, and where every story about it begins."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide

    def given(self, *events: Event) -> History:
        return History(self._decide, events)


def _decide_on_still(command: Any, history: History) -> Sequence[Event]:
    if isinstance(command, stills_noun.RecordStill):
        return stills_noun.decide_recording(command, history.session, history.event_named(command.source_event_id))
    named = parse_id(command.still_candidate_id)
    return stills_noun.decide_update(command, history.still(named.sequence) if named else None)


def _decide_as_director(command: Any, history: History) -> Sequence[Event]:
    if isinstance(command, director_noun.CorrectDirectorEvent):
        original = history.event_named(command.event_id)
        return director_noun.decide_correction(command, history.session, original, VOCABULARY)
    return director_noun.decide(command, history.session, VOCABULARY)


def _decide_on_camera(command: Any, history: History) -> Sequence[Event]:
    camera = history.state(cameras_noun.entity_of(command.camera_id), cameras_noun.evolve)
    return cameras_noun.decide(command, history.session, camera)


sessions = Noun(lambda command, history: sessions_noun.decide(command, history.session, VOCABULARY))
cameras = Noun(_decide_on_camera)
director = Noun(_decide_as_director)
stills = Noun(_decide_on_still)
music = Noun(lambda command, history: music_noun.decide(command, history.session))
assets = Noun(lambda command, history: assets_noun.decide(command, history.session))
