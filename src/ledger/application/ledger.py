"""The ledger as its doors see it: hand in a function's name and arguments, get its answer with the position it shows."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from time import monotonic, sleep
from typing import Final, NamedTuple

from ledger.application.access import require_place, require_scope
from ledger.application.arguments import is_repeat, request_digest
from ledger.application.files import Files
from ledger.application.functions import Acting, Action, Caller, Mutation, Query, Reading, partition_of, place_of
from ledger.application.keyring import Keyring
from ledger.application.parked import parked_in
from ledger.domain.arguments import parse_arguments
from ledger.domain.keys import KEYS_PARTITION
from ledger.domain.refusals import Invalid, Refusal
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.eventlog import EventLog
from ledger.log.positions import Position
from ledger.log.requests import Outcome, Receipt, Request
from ledger.projections.patrol import Patrol
from ledger.projections.rebuild import Rebuilding, RebuildStanding
from ledger.projections.runner import Runner
from ledger.projections.standing import Standing
from ledger.projections.views import Snapshot, Views
from ledger.storage.store import FileStore

WAIT_SECONDS_MAX: Final = 2.0
"""How long a read waits for what it must show."""
POLL_SECONDS: Final = 0.02
LAG_KNOWN_MAX: Final = 256
"""Entries that are looked through in memory for those of one session: some 10 µs."""
NOBODY: Final = Caller()


Place = tuple[int, int]
"""A shard, and a position in it."""


class StaleError(Exception):
    """The views did not come as far in time as the caller asked to see."""

    def __init__(self, wanted: Position, shown: Position) -> None:
        super().__init__(f"the views have come to {shown}, not yet to {wanted}; try again in a moment")


class Answer(NamedTuple):
    """A function's answer as JSON text, and the point in the ledger that it shows."""

    json: str
    position: Position
    sequence: int | None = None
    """The head of the session after a write."""
    stale: bool = False
    """Whether it may lack what its own session had when the question arrived."""
    parked: tuple[str, ...] = ()
    """The sessions shown in it that lack what is parked of them."""


class Ledger:
    """Carries out the contract's functions. Threads may share it."""

    def __init__(
        self,
        *,
        log: EventLog,
        views: Views,
        runner: Runner,
        keyring: Keyring,
        vocabulary: Vocabulary,
        clock: Callable[[], int],
        rebuilding: Rebuilding | None = None,
        patrol: Patrol | None = None,
        store: FileStore | None = None,
    ) -> None:
        """``clock`` gives milliseconds since the epoch. Without a ``store`` no files are kept."""
        self.log = log
        self.views = views
        self.runner = runner
        self.rebuilding = rebuilding
        """None where this process builds no views."""
        self.patrol = patrol
        """None where this process only looks on."""
        self.keyring = keyring
        self._vocabulary = vocabulary
        self._clock = clock
        self.files = Files(store, log, self.write, clock)

    def request(
        self,
        function: Mutation,
        arguments: object,
        caller: Caller,
        deliver: Callable[[Outcome], None],
        command: Frozen | None = None,
    ) -> Request:
        """What the log is asked for a mutation; ``deliver`` is called with its outcome, on another thread, once it is durable.

        ``command`` is what the arguments come to, where that is known: then they may be the text that came, and count only under an
        idempotency key. Raises at once Invalid where the arguments break a rule, and what the caller's key is refused with.
        """
        require_scope(function, caller)
        if command is None:
            command = parse_arguments(function.arguments, arguments)
        partition = partition_of(function, command, caller, self._clock())
        require_place(function, caller, partition if function.partition else None)
        if partition == KEYS_PARTITION:
            deliver = self._forgetting_keys(deliver)
        return Request(
            partition=partition,
            actor=caller.actor,
            decide=lambda stream: function.decide(command, stream, self._vocabulary),
            deliver=deliver,
            key=caller.key,
            digest=request_digest(function, arguments) if caller.key is not None else b"",
            is_repeat=partial(is_repeat, function, arguments, command),
            weight=max(1, function.weight(command)),
        )

    def write(self, function: Mutation, arguments: object, caller: Caller) -> Answer:
        """Carry out a mutation and wait for it. Raises a Refusal, or LogUnavailableError."""
        done = Event()
        outcomes: list[Outcome] = []

        def deliver(outcome: Outcome) -> None:
            outcomes.append(outcome)
            done.set()

        self.log.submit(self.request(function, arguments, caller, deliver))
        done.wait()
        return self.answer_of(outcomes[0])

    def answer_of(self, outcome: Outcome) -> Answer:
        """The answer of an outcome that was delivered. Raises it, where it is a failure."""
        if not isinstance(outcome, Receipt):
            raise outcome
        position = Position(self.log.epoch, ((outcome.shard, outcome.position),))
        return Answer(outcome.answer, position, outcome.sequence)

    def _forgetting_keys(self, deliver: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
        """Whoever is told that a key was revoked may rely on it."""

        def forget_and_deliver(outcome: Outcome) -> None:
            self.keyring.forget()
            deliver(outcome)

        return forget_and_deliver

    def parse_question(self, function: Query, arguments: object, caller: Caller) -> Frozen:
        """The question that the arguments of a query ask. Raises Invalid, or what the caller's key is refused with."""
        require_scope(function, caller)
        asked = parse_arguments(function.arguments, arguments)
        require_place(function, caller, place_of(function, asked))
        return asked

    def may_be_behind(self, at_least: Position | None) -> bool:
        """Whether the views may lack what a question must show, by what this process knows: it asks no database.

        Raises OfAnotherEpoch, or Invalid where ``at_least`` speaks of a shard that is not there.
        """
        if at_least is None and not self.log.is_alone:
            return True
        wanted = self.require_known(at_least) if at_least else enumerate(self.log.heads())
        return any(self.views.checkpoints[shard] < position for shard, position in wanted)

    def missing(self, function: Query, asked: Frozen, at_least: Position | None) -> list[Place]:
        """Which places the views, or the log, must still reach before this question is answered.

        Without ``at_least`` the head of the session that it is about, or every shard's where it is about all of them.
        Raises as ``may_be_behind`` does.
        """
        if at_least is not None:
            wanted = self.require_known(at_least)
        elif function.is_from_log:
            wanted = []
        elif function.session is not None:
            partition = function.session(asked)
            shard = self.log.shard_of(partition)
            wanted = [(shard, self.log.newest_of(partition, self.views.checkpoints[shard]))]
        else:
            wanted = list(enumerate(self.log.heads()))
        if function.is_from_log:
            heads = self.log.heads()
            return [(shard, position) for shard, position in wanted if heads[shard] < position]
        return [(shard, position) for shard, position in wanted if self.views.checkpoints[shard] < position]

    def require_known(self, at_least: Position) -> list[Place]:
        """The places of a position. Raises OfAnotherEpoch, or Invalid where it speaks of a shard that is not there."""
        self.log.epochs.require_present(at_least, "Ledger-At-Least")
        if any(shard >= self.log.shard_count for shard, _ in at_least.shards):
            raise Invalid("Ledger-At-Least", "is not a position of this ledger; hand back what Ledger-Position said")
        return list(at_least.shards)

    def knows_what_is_missing(self, at_least: Position | None, *, of_log: bool = False) -> bool:
        """Whether ``missing`` is told from memory, in no time: somebody said it, and not ``of_log``; or the ledger is embedded,
        and the views are not far behind.
        """
        if not self._is_embedded:
            return at_least is not None and not of_log
        return at_least is not None or self.log.remembers(LAG_KNOWN_MAX, self.views.checkpoints)

    def answers_on_the_spot(self, function: Query, at_least: Position | None) -> bool:
        """Whether an event loop may ask a question itself."""
        return function.is_brief and self._is_embedded and self.knows_what_is_missing(at_least)

    @property
    def _is_embedded(self) -> bool:
        """Whether nobody else appends to the log or builds the views."""
        return self.log.is_alone and self.views.is_built_here

    def answer(
        self, function: Query, asked: Frozen, at_least: Position | None, *, in_time: bool, on_the_spot: bool = False
    ) -> Answer:
        """The answer from the views or the log as they stand. ``in_time``: whether they have reached what was missing.

        Raises StaleError where they have not and the caller had asked for it, or a Refusal of the function's.
        """
        with self.views.snapshot(at_a_glance=on_the_spot) as snapshot:
            if not in_time and at_least is not None:
                raise StaleError(at_least, snapshot.position)
            return self._answer(function, asked, snapshot, in_time=in_time)

    def answers(
        self, asked: Sequence[tuple[Query, Frozen] | Exception], at_least: Position | None = None, *, in_time: bool
    ) -> list[Answer | Exception]:
        """The answers to several questions at one moment of the views; a failure, and a refused question, stands for itself.

        Raises StaleError as ``answer`` does.
        """
        told: list[Answer | Exception] = []
        with self.views.snapshot() as snapshot:
            if not in_time and at_least is not None:
                raise StaleError(at_least, snapshot.position)
            for question in asked:
                try:
                    if isinstance(question, Exception):
                        told.append(question)
                    else:
                        told.append(self._answer(*question, snapshot, in_time=in_time))
                except Refusal as refusal:
                    told.append(refusal)
        return told

    def _answer(self, function: Query, asked: Frozen, snapshot: Snapshot, *, in_time: bool) -> Answer:
        # Taken before the log is read, which then shows this point or a later one.
        position = self.log.position() if function.is_from_log else snapshot.position
        text = function.answer(asked, Reading(snapshot.connection, self.log, snapshot.position))
        return Answer(text, position, stale=not in_time, parked=parked_in(text, function, asked, snapshot.parked))

    def read(
        self, function: Query, arguments: object, at_least: Position | None = None, caller: Caller = NOBODY
    ) -> Answer:
        """Ask a question and wait for what it must show, at most WAIT_SECONDS_MAX. Raises as ``answer`` does."""
        asked = self.parse_question(function, arguments, caller)
        deadline = monotonic() + WAIT_SECONDS_MAX
        in_time = all(self._wait(*place, deadline) for place in self.missing(function, asked, at_least))
        return self.answer(function, asked, at_least, in_time=in_time)

    def act(self, function: Action, arguments: object, caller: Caller) -> Answer:
        """Carry out an action and wait for it. Raises Invalid, a Refusal of its own, or what the caller's key is refused with."""
        require_scope(function, caller)
        asked = parse_arguments(function.arguments, arguments)
        require_place(function, caller, place_of(function, asked))
        text = function.act(asked, Acting(self, caller))
        return Answer(text, self.log.position())

    def act_write(self, function: Mutation, arguments: object, caller: Caller) -> str:
        return self.write(function, arguments, caller).json

    def act_read(self, function: Query, arguments: object, caller: Caller) -> str:
        return self.read(function, arguments, caller=caller).json

    def _wait(self, shard: int, position: int, deadline: float) -> bool:
        if not self.views.is_built_here:
            # Nobody wakes this process when another builds the views.
            while not (reached := self.views.has_reached(shard, position)) and monotonic() < deadline:
                sleep(POLL_SECONDS)
            return reached
        arrived = Event()
        tell = arrived.set  # one object, which can be forgotten
        self.runner.when_reached(shard, position, tell)
        if not (reached := arrived.wait(max(0.0, deadline - monotonic()))):
            self.runner.forget(tell)
        return reached

    def now_ms(self) -> int:
        """The server's clock: milliseconds since the epoch."""
        return self._clock()

    def standing(self) -> Standing:
        """How the views stand beside the log."""
        return self.runner.standing(self._clock())

    def rebuild_standing(self) -> RebuildStanding | None:
        """How far the rebuild has come that this process is about or was last; None where there was none."""
        return self.rebuilding.standing if self.rebuilding is not None else None
