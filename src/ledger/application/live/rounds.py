"""Rounds: what has changed is asked again in one snapshot of the views, on a thread of its own, and then told to the doors."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from ledger.application.functions import Reading, Tag
from ledger.application.ledger import WAIT_SECONDS_MAX, Ledger
from ledger.application.live.lacking import Lacking, reach
from ledger.application.live.registry import Lack, LiveAnswer, LiveQuery, Registry, Round
from ledger.application.live.tags import tags_between
from ledger.application.pages import Pages, PageText
from ledger.application.parked import parked_in
from ledger.domain.keys import KEYS_PARTITION
from ledger.domain.refusals import Refusal

ENTRIES_TOLD_MAX: Final = 5_000
"""Where more have come in at once, everything is asked again rather than looked for."""
REST_SECONDS_MAX: Final = 0.25
"""After a round the thread rests as long as that took, at most so long: what is asked live takes half a processor, and no more."""
AGAIN_SECONDS: Final = 0.5
"""After how long what failed as a whole is tried again."""

_logger = logging.getLogger(__name__)
Hand = Callable[[Callable[[], None]], None]


class Rounds:
    """Keeps a registry's answers up to the views."""

    def __init__(self, ledger: Ledger, registry: Registry, hand_over: Hand) -> None:
        """``hand_over`` has something called on the event loop, from any thread."""
        self._ledger = ledger
        self._registry = registry
        self._hand_over = hand_over
        self._woken = Event()
        self._taken = Event()
        self._taken_at = 0.0
        """When the event loop had taken the last round."""
        self._stopping = False
        self._is_switched = False
        """Whether other views are shown than were asked in the last round."""
        self._lacking = Lacking(ledger, registry)
        self._aside: frozenset[str] = frozenset()
        """The sessions of which events were parked in the last round."""
        self._shown: tuple[int, ...] | None = None
        """The positions that the answers show; None while there are none."""
        self._thread = Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        self._ledger.runner.on_advance(self.wake)
        self._ledger.views.on_switched(self._switched)
        self._thread.start()

    def wake(self) -> None:
        """Look whether there is something to ask. On any thread."""
        self._woken.set()

    def _switched(self) -> None:
        """Other views are shown from here on: what they answer need not be what was answered. On any thread."""
        self._is_switched = True
        self.wake()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        self._taken.set()

    def _run(self) -> None:
        while not self._stopping:
            began = monotonic()
            self._woken.clear()
            waits_until = None
            try:
                waits_until = self._round()
            except Exception:
                # The database has gone, or is locked: what is shown stays as it is until it is back.
                _logger.exception("live queries could not be asked")
                self._shown = None  # then all of them are, also those of which it is not known how far they came
                waits_until = monotonic() + AGAIN_SECONDS
            # This thread may hear of it late, on a machine that is busy with something else; that is no part of the round.
            ended = self._taken_at if self._taken_at > began else monotonic()
            self._rest(ended - began, ended, waits_until)

    def _rest(self, seconds: float, ended: float, waits_until: float | None) -> None:
        """Sleep until there is something to ask, and after a round of so many ``seconds`` on until as many have gone by."""
        rested_at = ended + min(seconds, REST_SECONDS_MAX)
        self._woken.wait(None if waits_until is None else max(0.0, waits_until - monotonic()))
        if not self._stopping and (early := rested_at - monotonic()) > 0:
            sleep(early)

    def _round(self) -> float | None:
        """Ask what must be asked. When to look again unless something happens before, None where nothing is waited for."""
        registry = self._registry
        if not registry.is_in_use:
            self._shown = None
            self._lacking.forget()
            return None
        if self._is_switched:
            self._is_switched = False
            self._shown = None
        new = registry.unanswered()
        for query in new:
            if query.wanted is None:
                query.wanted = self._wanted(query)
                query.deadline = monotonic() + WAIT_SECONDS_MAX
        with self._ledger.views.snapshot() as snapshot:
            shards = tuple(position for _, position in snapshot.position.shards)
            tags, has_changed_keys = self._changes(shards, snapshot.parked)
            now = monotonic()
            ready = {query for query in new if query.deadline <= now or reach(shards, query)}
            asking = ready | (registry.touched(tags) - set(new)) | self._lacking.arrived(shards)
            reading = Reading(snapshot.connection, self._ledger.log, snapshot.position, is_live=True)
            answers = [(query, self._answered(query, reading, snapshot.parked)) for query in asking]
        answers += self._lacking.found(shards, now, asking)
        self._shown, self._aside = shards, snapshot.parked
        if answers or has_changed_keys or registry.is_waited_for:
            self._hand(Round(shards, answers, has_changed_keys))
        return min([query.deadline for query in new if query not in ready] + [self._lacking.look_at])

    def _hand(self, answered: Round) -> None:
        """Have a round applied, and wait for it: a busy event loop is not given the next one meanwhile."""
        self._taken.clear()

        def apply() -> None:
            self._registry.apply(answered)
            self._taken_at = monotonic()
            self._taken.set()

        self._hand_over(apply)
        if not self._stopping:
            self._taken.wait()

    def _changes(self, shards: tuple[int, ...], parked: frozenset[str]) -> tuple[set[Tag] | None, bool]:
        """The tags of what has come in since the last round, None where that is too much to say; whether keys may be among it."""
        if self._shown is None:
            return None, True
        came = [position - shown for shown, position in zip(self._shown, shards, strict=True)]
        if sum(came) > ENTRIES_TOLD_MAX or min(came) < 0:  # they go back where the views were built anew
            return None, True
        counts = {shard: count for shard, count in enumerate(came) if count}
        tags = tags_between(self._ledger.log, dict(enumerate(self._shown)), counts)
        if tags is None or parked != self._aside:  # what was parked is taken up without a step of the checkpoint
            return None, True
        return tags, any(partition == KEYS_PARTITION for _, partition in tags)

    def _wanted(self, query: LiveQuery) -> list[tuple[int, int]]:
        """What its first answer must show: what its own partition, or all of them, had when it was asked."""
        heads = self._ledger.log.heads()
        if query.function.session is None:
            return list(enumerate(heads))
        shard = self._ledger.log.shard_of(query.function.session(query.asked))
        return [(shard, heads[shard])]

    def _answered(self, query: LiveQuery, reading: Reading, parked: frozenset[str]) -> LiveAnswer:
        asked = query.asked
        if isinstance(asked, Pages) and query.journal is not None and asked.end_token is None:
            asked = asked.ending_at(query.journal)
        text, journal = "", query.journal
        failure: Exception | None = None
        try:
            text = query.function.answer(asked, reading)
            journal = text.end if isinstance(text, PageText) else None
        except Refusal as refusal:
            failure = refusal
        except Exception as fault:
            _logger.exception("a live query failed unforeseen")
            failure = fault
        is_stale = self._lacking.note(query, reading.position)
        lack = Lack(is_stale, parked_in(text, query.function, query.asked, parked))
        return LiveAnswer(text, journal, failure, lack=lack, position=reading.position)
