"""Group commit: requests that wait are decided one after another at their heads, and made durable by one commit."""

import logging
from collections.abc import Callable, Sequence
from itertools import chain
from threading import Thread

from ledger.log.append import Append, insert_added, lock_free_heads
from ledger.log.database import GONE, CommitLostError, is_failed_sync
from ledger.log.group import Group
from ledger.log.known import Known
from ledger.log.optimistic import EVENTS_MAX, Optimistic
from ledger.log.requests import LogUnavailableError, Outcome, OutcomeUnknownError, Request, remember
from ledger.log.sole import SoleConnection
from ledger.log.waiting import Asked, Waiting, joined

_logger = logging.getLogger(__name__)

OnAppend = Callable[[Append], None]


class Writer:
    """The one thread of a process that appends to the log, to all of its shards.

    What it finds locked by another process it leaves for a later group, so that two share the shards as they come free; it waits
    for none, however long somebody has it.
    """

    def __init__(
        self,
        writing: SoleConnection,
        optimistic: Optimistic | None,
        clock: Callable[[], int],
        on_append: OnAppend,
        on_answered: Callable[[], None],
        on_committed: Callable[[], None],
    ) -> None:
        """``optimistic``: the way past the locks, for small groups, where there is one.

        ``on_append`` is told of what every commit added to each shard, before its requests are answered; ``on_answered`` once
        all requests of a group have had their outcomes delivered; ``on_committed`` of a commit once that is done: whoever
        follows the log is woken after those who asked.
        """
        self._writing = writing
        self._optimistic = optimistic
        self._clock = clock
        self._on_append = on_append
        self._on_answered = on_answered
        self._on_committed = on_committed
        self._waiting = Waiting()
        self._known = Known()
        self._under_way: Group | None = None
        """What was sent past the locks, and may be recorded or not."""
        self.commits = 0
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, shard: int, request: Request) -> None:
        """Queue a request. Its outcome is delivered once it is durable. Raises LogUnavailableError when closing."""
        self._waiting.put(shard, request)

    def close(self) -> None:
        """Carry out what is waiting, then end. What somebody else has the heads for is given up after CLOSING_SECONDS."""
        self._waiting.close()
        self._thread.join()

    def _run(self) -> None:
        while asked := self._next():
            again = self._settle(self._foreseen(asked))
            if not self._under_way:
                self._carry_out(joined(again, asked) if again else asked)
                if not self._waiting:
                    self._tell(self._writing.settle)

    def _next(self) -> Asked:
        if self._optimistic is None:
            return self._waiting.next_group()
        while (under_way := self._under_way) is not None:
            if asked := self._waiting.next_half(under_way.weight):
                return asked
            if again := self._settle(None):
                self._carry_out(again)
        return self._waiting.next_half(None)

    def _foreseen(self, asked: Asked) -> Group | None:
        """A small group, decided where its heads are remembered. None where that cannot be, or a request would not be carried out:
        it is refused by what stands, and not by what is remembered.
        """
        optimistic, under_way = self._optimistic, self._under_way
        if optimistic is None or not self._known.are_ours(asked):
            return None
        group = Group(asked, self._known)
        if group.weight > EVENTS_MAX:
            return None
        try:
            before = under_way.appends if under_way else ()
            with optimistic.asking.connection() as asking:
                group.appends = self._known.appends(asking, asked, before, self._clock())
                group.foresee()
        except Exception as error:  # noqa: BLE001  # it comes again under locks, where it can be told
            _logger.debug("not foreseen: %s", error)
            group.take_back()
            return None
        return group

    def _settle(self, foreseen: Group | None) -> Asked:
        """Learn what came of the group that is under way, and then send what was foreseen behind it.

        Answers what is to be carried out under locks after all, as that which was foreseen then is as well. Who asked for what is
        recorded is told last: the database is not to wait meanwhile.
        """
        optimistic, before, self._under_way = self._optimistic, self._under_way, None
        if optimistic is None:
            return {}
        if before is not None:
            try:
                is_recorded = optimistic.came_through()
            except CommitLostError as error:
                self._take_back(foreseen)
                self._failed(before.asked, error)
                return {}
            if not is_recorded:
                self._take_back(foreseen)
                self._take_back(before)
                return before.asked
            before.committed()
        if foreseen is not None:
            try:
                optimistic.send(foreseen.appends, foreseen.answered)
            except Exception as error:  # noqa: BLE001  # as above
                _logger.debug("not sent: %s", error)
                foreseen.take_back()
            else:
                self._under_way = foreseen
        if before is not None:
            self._tell_of(before)
        return {}

    def _carry_out(self, asked: Asked) -> None:
        """Record it under the locks of its heads; leave for later what somebody else has them for."""
        group = Group(asked, self._known)
        try:
            with self._writing.transaction() as connection:
                group.appends = lock_free_heads(connection, asked, self._clock())
                self._known.follow(connection, group.appends)
                group.decide(connection)
                insert_added(connection, group.appends)
                remember(connection, group.answered)
        except Exception as error:  # noqa: BLE001  # whatever it was, every request of the group must hear of it
            self._failed(asked, error)
            left: Asked = {}
        else:
            group.committed()
            self._tell_of(group)
            left = group.left
            self._known.doubt(left)
        if left and self._waiting.is_given_up:
            failure = LogUnavailableError(
                "nothing was recorded: another process has the head of its shard, and this one closes"
            )
            self._deliver([(request, failure) for request in chain(*left.values())])
            left = {}
        self._waiting.leave(left)

    def _failed(self, asked: Asked, error: Exception) -> None:
        self._known.forget(asked)
        if not isinstance(error, GONE):
            self._waiting.keep_apart(asked)
        failure = _failure(error)
        self._deliver([(request, failure) for request in chain(*asked.values())])

    def _tell_of(self, group: Group) -> None:
        """Tell everybody of a group that was committed."""
        if group.outcomes:
            self.commits += 1
        self._waiting.put_together(append.shard for append in group.appends)
        added = [append for append in group.appends if append.entries]
        for append in added:
            self._tell(self._on_append, append)
        self._deliver(group.outcomes)
        if added:
            self._tell(self._on_committed)

    def _deliver(self, outcomes: Sequence[tuple[Request, Outcome]]) -> None:
        for request, outcome in outcomes:
            self._tell(request.deliver, outcome)
        self._tell(self._on_answered)

    @staticmethod
    def _take_back(group: Group | None) -> None:
        if group is not None:
            group.take_back()

    @staticmethod
    def _tell(told: Callable[..., None], *what: object) -> None:
        """Somebody who cannot be told, because they have gone, must not keep the writer from the others."""
        try:
            told(*what)
        except Exception:
            _logger.exception("could not tell what was recorded")


def _failure(error: Exception) -> LogUnavailableError:
    """What the requests of a group are told whose transaction failed."""
    failure = (
        OutcomeUnknownError(
            f"the disk or the database failed while this was made durable, and whether it was recorded is not known: {error};"
            " send it again under the same Idempotency-Key"
        )
        if is_failed_sync(error) or isinstance(error, CommitLostError)
        else LogUnavailableError(f"nothing was recorded: {error}")
    )
    failure.__cause__ = error
    return failure
