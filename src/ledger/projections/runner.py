"""The runner: follows the log and keeps the views up to it, woken by appends."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Final

from ledger.log.database import GONE
from ledger.log.eventlog import EventLog
from ledger.projections.build import ENTRIES_READ_MAX
from ledger.projections.parked import Replayed, error_of
from ledger.projections.standing import Load, Pace, Standing, backlog_of
from ledger.projections.views import Views

BATCH_ENTRIES_MAX: Final = 10_000
"""Enough that a transaction costs little beside its rows: one of 2,000 entries costs a tenth more an entry."""
PACE_SECONDS: Final = 0.002
"""From the beginning of one batch to that of the next, at least: it is cheaper to carry more at a time."""
PACE_UNDER_LOAD_SECONDS: Final = 0.025
LOOK_SECONDS: Final = 0.01
"""How long what others have done may go unnoticed while there is something of one's own to carry."""
POLL_SECONDS: Final = 1.0
"""How long a missed wake-up can go unnoticed."""

_logger = logging.getLogger(__name__)
Reached = Callable[[], None]
Listener = Callable[[], None]


class Runner:
    """One thread that builds all views of one ledger together, so that they always show one position."""

    def __init__(self, log: EventLog, views: Views, *, is_building: bool = True, is_parking: bool = False) -> None:
        """Without ``is_building`` others build them, and those who wait here are told when they have come far enough.

        ``is_parking``: an event that cannot be applied is set aside, with all that follows in its session, and the rest goes on.
        """
        self._is_building = is_building
        self.is_parking = is_parking
        self._log = log
        self._views = views
        self._woken = Event()
        self._wanted = Event()
        """Set when somebody has come to wait for what is missing."""
        self._stopping = Event()
        self._waiting: list[tuple[int, int, Reached]] = []
        self._listeners: list[Listener] = []
        self._told = list(views.checkpoints)
        """The checkpoints when the listeners were last told."""
        self._look_again_at = 0.0
        self._behind_since: float | None = None
        """Since when the views have been behind the log without a pause; None while they are not."""
        self._lock = Lock()
        self._stepping = Lock()
        """Held from reading a batch until it is applied: whoever helps to catch up must not apply it twice."""
        self._stood_at: dict[int, int] = {}
        """Positions of shards beyond which this process could not come: they are not tried again until it starts anew."""
        self._failing: str | None = None
        self._pace = Pace()
        self._load = Load()
        self._thread = Thread(target=self._run, name="projections", daemon=True)

    def start(self) -> None:
        self._log.on_append(self._look)
        self._thread.start()

    def _look(self) -> None:
        """Something was appended. Where others build the views, it matters to those alone who wait or watch here."""
        if self._is_building or self._waiting or self._listeners:
            self._woken.set()

    @property
    def halted(self) -> str | None:
        """Why views stand still: an event cannot be applied, here or elsewhere, or their database cannot be written for now."""
        if self._failing is not None:
            return self._failing
        return "; ".join(map(str, self._views.halts.values())) or None

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def on_advance(self, listener: Listener) -> None:
        """Call ``listener`` whenever the views have come further, whoever brought them there; it must not block."""
        self._listeners.append(listener)

    def when_reached(self, shard: int, position: int, reached: Reached) -> None:
        """Call ``reached`` once the views show everything up to a position; at once, where they do. It must not block."""
        with self._lock:
            if self._views.checkpoints[shard] < position:
                self._waiting.append((shard, position, reached))
                self._wanted.set()
                if not self._log.is_alone:
                    self._woken.set()  # to look how far others have come
                return
        reached()

    def forget(self, reached: Reached) -> None:
        """Nobody waits for this any longer."""
        with self._lock:
            self._waiting = [waiting for waiting in self._waiting if waiting[2] is not reached]

    def catch_up(
        self, progress: Callable[[int, int], None] = lambda done, total: None, up_to: Sequence[int] | None = None
    ) -> None:
        """Bring the views to the log's heads, or exactly to the positions ``up_to``, on the caller's thread.

        ``progress(applied, in_all)`` is told after each batch. Raises what an event that cannot be applied raises.
        """
        heads = self._log.heads() if up_to is None else up_to
        behind = sum(heads) - sum(self._views.checkpoints)
        for shard, head in enumerate(heads):
            while (left := head - self._views.checkpoints[shard]) > 0 and self._step(
                shard, min(left, BATCH_ENTRIES_MAX)
            ):
                progress(behind - (sum(heads) - sum(self._views.checkpoints)), behind)

    def lag(self) -> int:
        """How many entries the views are behind the log."""
        return sum(self._log.heads()) - sum(self._views.checkpoints)

    def standing(self, now_ms: int) -> Standing:
        """How the views stand beside the log, as the database says, whoever builds them."""
        # The heads first: what is appended after them is not yet anybody's lag.
        heads = self._log.heads()
        if not self._log.is_alone:
            self._views.refresh()
        checkpoints = list(self._views.checkpoints)
        backlog = tuple(backlog_of(heads, checkpoints))
        oldest = [
            recorded_at
            for shard, behind in enumerate(backlog)
            if behind and (recorded_at := self._log.recorded_at(shard, checkpoints[shard] + 1)) is not None
        ]
        lag_ms = max(0, now_ms - min(oldest)) if oldest else 0
        pace = self._pace.a_second(sum(checkpoints))
        return Standing(backlog, lag_ms, pace, self.halted, self._views.count_parked(), self._views.list_drifts())

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = monotonic()
            self._woken.clear()
            carried = 0
            try:
                carried = self._carry()
                if 0 < carried < BATCH_ENTRIES_MAX and self._log.is_alone:
                    self._views.settle()
                self._failing = None
            except GONE as error:
                # The disk is full, or the database locked: nothing is wrong with the events, and it is tried again.
                if self._failing is None:
                    _logger.exception("the views cannot be written")
                self._failing = error_of(error)
            self._pace.note(sum(self._views.checkpoints))
            self._load.note(carried)
            if carried < BATCH_ENTRIES_MAX:
                self._rest(began, carried)

    def _rest(self, began: float, carried: int) -> None:
        """Sleep until there is something to carry, and on until the pace is kept, unless somebody waits."""
        if not carried:
            # Where others build the views as well, nobody wakes those who wait for what the others are about.
            is_waited_for = (self._waiting or (self._listeners and self._is_nearly_there())) and not self._log.is_alone
            self._woken.wait(PACE_SECONDS if is_waited_for else POLL_SECONDS)
        is_heavy = self._load.is_heavy()
        early = began + (PACE_UNDER_LOAD_SECONDS if is_heavy else PACE_SECONDS) - monotonic()
        if early <= 0:
            return
        if is_heavy:
            self._stopping.wait(early)
            return
        self._wanted.clear()
        if not self._waiting:
            self._wanted.wait(early)

    def _carry(self) -> int:
        """One batch of each shard that is behind, one's own first: to look for others' is two questions. How many entries."""
        carried = self._step_all(self._behind(self._log.heads_known))
        if not self._log.is_alone and (not carried or monotonic() > self._look_again_at):
            self._look_again_at = monotonic() + LOOK_SECONDS
            self._views.refresh()
            self._tell_arrived()
            if self._is_building or self._listeners:
                behind = self._behind(self._log.heads())
                self._behind_since = (self._behind_since or monotonic()) if behind else None
                carried += self._step_all(behind)
        return carried

    def _step_all(self, shards: Sequence[int]) -> int:
        return sum(map(self._step_or_halt, shards)) if self._is_building else 0

    def _behind(self, heads: Sequence[int]) -> list[int]:
        """The shards that are to be brought to their heads, by whomever."""
        if self._views.is_outdated:
            return []
        checkpoints = self._views.checkpoints
        return [
            shard
            for shard, head in enumerate(heads)
            if checkpoints[shard] < head and self._stood_at.get(shard) != checkpoints[shard]
        ]

    def _is_nearly_there(self) -> bool:
        """Whether others are about what is missing; what has been missing for long is not looked for all the time."""
        return self._behind_since is not None and monotonic() - self._behind_since < POLL_SECONDS

    def _step_or_halt(self, shard: int) -> int:
        """Apply one batch of a shard; where an event cannot be, the shard stands still there, and the others go on."""
        try:
            return self._step(shard)
        except GONE:
            raise
        except Exception as error:
            # It is never skipped: the views of this shard show what stands before it, and the health page says so.
            _logger.exception("the views are halted")
            self._stood_at[shard] = self._views.checkpoints[shard]
            self._views.halt(shard, error)
            return 0

    def _step(self, shard: int, entries_max: int = BATCH_ENTRIES_MAX) -> int:
        """Apply one batch of a shard; how many entries it had."""
        with self._stepping:
            carried = self._advance(shard, entries_max)
        if carried:
            self._tell_arrived()
        return carried

    def _advance(self, shard: int, entries_max: int) -> int:
        """A batch, halved until what cannot be applied stands alone. Raises its failure, unless it is to be parked."""
        while True:
            try:
                return self._views.advance(shard, entries_max)
            except GONE:
                raise
            except Exception as error:
                if entries_max > 1:
                    entries_max //= 2
                elif self.is_parking:
                    _logger.exception("an event is parked")
                    return self._views.park(shard, error)
                else:
                    raise

    def parked(self) -> frozenset[str]:
        """The sessions, and other partitions, of which entries are parked."""
        with self._views.snapshot() as snapshot:
            return snapshot.parked

    @contextmanager
    def resting(self) -> Iterator[None]:
        """No batch is under way meanwhile, and none begins."""
        with self._stepping:
            yield

    def replay(self, partition: str) -> Replayed:
        """Apply what is parked of a session, in order; where that fails again it stays parked from there on, and says why."""
        replayed = self._replay(partition)
        if replayed.applied:
            self._views.tell_switched()
        return replayed

    def _replay(self, partition: str) -> Replayed:
        applied, size = 0, ENTRIES_READ_MAX
        while True:
            try:
                with self._stepping:
                    count = self._views.replay(partition, size)
            except GONE:
                raise
            except Exception as error:
                if size > 1:
                    size //= 2
                    continue
                _logger.exception("a parked event cannot be applied yet")
                return Replayed(partition, applied, self._views.name_poison(partition, error))
            if count == 0:
                return Replayed(partition, applied, None)
            if count is None:
                sleep(PACE_SECONDS)
            applied += count or 0

    def _tell_arrived(self) -> None:
        checkpoints = self._views.checkpoints
        with self._lock:
            arrived = [waiting for waiting in self._waiting if checkpoints[waiting[0]] >= waiting[1]]
            if arrived:
                self._waiting = [waiting for waiting in self._waiting if waiting not in arrived]
        for _, _, reached in arrived:
            reached()
        if self._listeners and checkpoints != self._told:
            self._told = list(checkpoints)
            for listener in self._listeners:
                listener()
