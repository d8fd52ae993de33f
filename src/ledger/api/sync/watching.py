"""What one client watches, and how far it has been shown it: each transition takes it from one version to the next."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.api.functions.calls import QUERY, Call, arguments_of, function_of
from ledger.api.sync.messages import Add, MessageError, ModifyQuerySet, Version, removed, updated
from ledger.application.functions import Caller, Query
from ledger.application.ledger import Ledger
from ledger.application.live.registry import LiveAnswer, LiveQuery, Registry, Watcher
from ledger.domain.refusals import Refusal, TooManyWatched

Identify = Callable[[], Caller]


@dataclass(slots=True)
class _Watched:
    """A query of a client's, under the number that the client gave it."""

    call: Call
    journal: str | None
    live: LiveQuery | None = None
    refused: LiveAnswer | None = None
    """Why it is not asked at all."""
    is_one_too_many: bool = False
    shown: bytes | None = None
    """Of the answer that the client has."""

    @property
    def answer(self) -> LiveAnswer | None:
        return self.refused or (self.live.answer if self.live else None)


@dataclass(slots=True)
class Change:
    """A transition that is due."""

    start: Version
    end: Version
    modifications: list[str] = field(default_factory=list)


class Watching:
    """The query set of one connection. It only looks at the registry; sending is its owner's business."""

    def __init__(self, ledger: Ledger, registry: Registry, watcher: Watcher, *, queries_max: int, origin: str) -> None:
        self._ledger = ledger
        self._origin = origin
        self._registry = registry
        self._watcher = watcher
        self._queries_max = queries_max
        self._watched: dict[int, _Watched] = {}
        self._removed: list[int] = []
        self._query_set = 0
        self.identity = 0
        """The version of who the client is."""
        self.shown = Version()

    def modify(self, message: ModifyQuerySet, identify: Identify) -> bool:
        """Take up a change of the query set; whether there is a question that nobody has asked before. Raises MessageError."""
        if message.base_version != self._query_set:
            raise MessageError(f"baseVersion: the query set is at {self._query_set}, not at {message.base_version}")
        self._query_set = message.new_version
        is_new = False
        for modification in message.modifications:
            if isinstance(modification, Add):
                if modification.query_id in self._watched:
                    raise MessageError(f"queryId: {modification.query_id} is watched already")
                watched = self._add(modification, identify)
                self._watched[modification.query_id] = watched
                is_new |= watched.answer is None
            elif (gone := self._watched.pop(modification.query_id, None)) is not None:
                self._let_go(gone)
                if gone.shown is not None:
                    self._removed.append(modification.query_id)
        return is_new

    def look_again(self, identify: Identify) -> None:
        """The client may be somebody else now, who may see more or less."""
        for watched in self._watched.values():
            if watched.is_one_too_many:
                continue
            before = watched.live
            watched.live = watched.refused = None
            self._look_up(watched, identify)
            if before is not None and before is not watched.live:
                self._registry.unwatch(before, self._watcher)

    def change(self, timestamp: int, *, is_owed: bool) -> Change | None:
        """The transition to the present, None where nothing has changed, or where it cannot be told yet.

        ``is_owed``: the client waits for one, whether anything has changed or not.
        """
        answers = [(query_id, watched, watched.answer) for query_id, watched in self._watched.items()]
        news: list[tuple[int, _Watched, LiveAnswer]] = []
        for query_id, watched, answer in answers:
            if answer is None:
                return None
            if answer.digest != watched.shown:
                news.append((query_id, watched, answer))
        end = Version(self._query_set, self.identity, max(timestamp, self.shown.timestamp))
        if not (news or self._removed or is_owed or end[:2] != self.shown[:2]):
            return None
        change = Change(self.shown, end, [removed(query_id) for query_id in self._removed])
        for query_id, watched, answer in news:
            change.modifications.append(updated(query_id, answer, self._origin))
            watched.shown = answer.digest
        self._removed.clear()
        self.shown = end
        return change

    def close(self) -> None:
        for watched in self._watched.values():
            self._let_go(watched)
        self._watched.clear()

    def _add(self, added: Add, identify: Identify) -> _Watched:
        watched = _Watched(added.call, added.journal)
        if len(self._watched) >= self._queries_max:
            watched.is_one_too_many = True
            watched.refused = LiveAnswer("", failure=TooManyWatched(self._queries_max))
        else:
            self._look_up(watched, identify)
        return watched

    def _look_up(self, watched: _Watched, identify: Identify) -> None:
        try:
            function, arguments = function_of(watched.call, QUERY), arguments_of(watched.call)
            assert isinstance(function, Query)
            asked = self._ledger.parse_question(function, arguments, identify())
            watched.live = self._registry.watch(function, asked, watched.journal, self._watcher)
        except Refusal as refusal:
            watched.refused = LiveAnswer("", failure=refusal)

    def _let_go(self, watched: _Watched) -> None:
        if watched.live is not None:
            self._registry.unwatch(watched.live, self._watcher)
