"""A real ledger on real files, driven by Hypothesis step by step, and compared with the model after each of them."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger import bootstrap
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation
from ledger.domain.refusals import KeyReused, Refusal
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Outcome, Receipt
from tests.acceptance.look import Row, assert_gapless, log_rows
from tests.application.asking import Asking
from tests.guarantees.commands import commands, starts
from tests.guarantees.model import Fact, No, Shoot, Thing, in_time
from tests.log.opened import together

_SERVERS_OWN = {"_creationTime", "createdAt", "updatedAt"}
callers = st.builds(
    Caller,
    actor=st.sampled_from(("ann", "bob")),
    key=st.sampled_from((*[None] * 4, "k1", "k2")),
    access=st.none(),
)


class Asked(NamedTuple):
    """A request about one shoot."""

    shoot: Shoot
    name: str
    arguments: Thing
    caller: Caller


def told(document: Any) -> Any:
    """A document, or several, without the times that the server gave."""
    if isinstance(document, list):
        return [told(each) for each in document]
    return document and {name: value for name, value in document.items() if name not in _SERVERS_OWN}


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._lives = 0
        self._shoots: dict[str, Shoot] = {}
        self._answered: dict[tuple[str, str, str], tuple[str, Thing, Receipt]] = {}
        """What was answered under which key, by actor and session."""
        self._begun: dict[tuple[str, str], str] = {}
        """The sessions that were started under a key, by actor."""
        self._rows: list[Row] = []
        self._changed: set[str] = set()
        self._cut_logs: dict[tuple[str, int], Any] = {}
        self._open(self._next_directory())

    def teardown(self) -> None:
        self._closing.close()
        self._folder.cleanup()

    # What writers do.

    @initialize(arguments=starts)
    def begin(self, arguments: Thing) -> None:
        self.start(arguments, Caller())

    @precondition(lambda self: len(self._shoots) < 3)
    @rule(arguments=starts, caller=callers)
    def start(self, arguments: Thing, caller: Caller) -> None:
        (outcome,) = self._submit([("startProductionSession", arguments, caller)])
        known = self._begun.get((caller.actor, caller.key or ""))
        if known is None:
            assert isinstance(outcome, Receipt), outcome
            known = json.loads(outcome.answer)
            assert known not in self._shoots
            self._shoots[known] = Shoot(known)
            if caller.key is not None:
                self._begun[caller.actor, caller.key] = known
        self._expect(Asked(self._shoots[known], "startProductionSession", arguments, caller), outcome)

    @rule(data=st.data(), count=st.integers(1, 5))
    def ask(self, data: st.DataObject, count: int) -> None:
        """One request, or several of several shoots that are decided as one group."""
        asked = [self._drawn(data, data.draw(callers)) for _ in range(count)]
        outcomes = self._submit([(each.name, each.arguments, each.caller) for each in asked])
        for each, outcome in zip(asked, outcomes, strict=True):
            self._expect(each, outcome)

    @precondition(lambda self: self._answered)
    @rule(data=st.data(), other_body=st.booleans())
    def ask_again(self, data: st.DataObject, other_body: bool) -> None:
        actor, session_id, key = data.draw(st.sampled_from([*self._answered]))
        name, arguments, _ = self._answered[actor, session_id, key]
        if other_body and name != "startProductionSession":
            name, arguments = "markHeroPose", {"sessionId": session_id, "timestampMs": 99}
        caller = Caller(actor, key)
        (outcome,) = self._submit([(name, arguments, caller)])
        self._expect(Asked(self._shoots[session_id], name, arguments, caller), outcome)

    @rule(data=st.data(), mishap=st.sampled_from(("restart", "views are lost", "crash", "crash in the middle")))
    def befall(self, data: st.DataObject, mishap: str) -> None:
        """Something happens to the ledger, and somebody opens it again."""
        match mishap:
            case "crash":
                self._crash()
            case "crash in the middle":
                self._crash_in_the_middle_of(self._drawn(data, Caller("ann", f"life {self._lives}")))
            case _:
                self._closing.close()
                for file in self._directory.glob("views.sqlite*") if mishap == "views are lost" else ():
                    file.unlink()
                self._open(self._directory)

    def _crash(self) -> None:
        """Go on with the files as they lay there, open."""
        left = self._next_directory()
        # The views first: they are never ahead of the log. None is so long that SQLite would be copying its log back.
        for file in ("views.sqlite", "views.sqlite-wal", "log.sqlite", "log.sqlite-wal"):
            copy(self._directory / file, left)
        self._closing.close()
        self._open(left)

    def _crash_in_the_middle_of(self, asked: Asked) -> None:
        """Nobody is there to hear the answer to a request; it is asked again afterwards."""
        function = BY_NAME[f"production:{asked.name}"]
        assert isinstance(function, Mutation)
        ledger = self._ask.ledger
        ledger.log.submit(ledger.request(function, asked.arguments, asked.caller, lambda _: None))
        self._crash()
        (outcome,) = self._submit([asked[1:]])
        self._expect(asked, outcome)

    # What must hold.

    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        shoot = self._drawn_shoot(data)
        at = data.draw(st.integers(1, len(shoot.facts)))
        as_of = self._ask.read("getSessionAsOf", sessionId=shoot.id, atSequence=at)
        assert self._told_timeline(as_of) == shoot.timeline(at)
        cut_log = self._ask.read("getCutLog", sessionId=shoot.id, atSequence=at)
        assert cut_log == self._cut_logs.setdefault((shoot.id, at), cut_log)

    @invariant()
    def the_log_holds_each_fact_once(self) -> None:
        rows = log_rows(self._directory)
        assert_gapless(rows)
        assert rows[: len(self._rows)] == self._rows, "history was changed"
        assert len(rows) == sum(len(shoot.facts) for shoot in self._shoots.values())
        self._rows = rows

    @invariant()
    def what_was_written_is_read(self) -> None:
        for session_id in self._changed:
            shoot, read = self._shoots[session_id], partial(self._ask.read, sessionId=session_id)
            timeline = read("getProductionTimeline")
            assert self._told_timeline(timeline) == shoot.timeline(len(shoot.facts)), "not what was written"
            things = shoot.tables
            best_first = sorted(in_time(things["stills"]), key=lambda still: -float(still["score"]))
            assert told(read("listStillCandidates")) == best_first
            assert told(read("listProductionAssets")) == list(things["assets"].values())
            assert read("exportProductionEventPage")["page"] == timeline["directorEvents"]
            history = read("listSessionHistory")["page"]
            assert [line["type"] for line in history] == [fact.type for fact in shoot.facts][:100]
            assert [line["sequence"] for line in history] == [*range(1, len(shoot.facts) + 1)][:100]
            self._cut_logs[session_id, len(shoot.facts)] = read("getCutLog")
        self._changed.clear()

    def _told_timeline(self, timeline: Thing) -> Thing:
        return {name: told(part) for name, part in timeline.items()}

    # How it is done.

    def _next_directory(self) -> Path:
        self._lives += 1
        directory = Path(self._folder.name) / f"life-{self._lives}"
        directory.mkdir()
        return directory

    def _open(self, directory: Path) -> None:
        self._directory = directory
        self._closing = ExitStack()
        self._ask = Asking(self._closing.enter_context(bootstrap.open_for_writing(directory, Vocabulary())))
        self._changed = set(self._shoots)

    def _drawn_shoot(self, data: st.DataObject) -> Shoot:
        return data.draw(st.sampled_from([*self._shoots.values()]))

    def _drawn(self, data: st.DataObject, caller: Caller) -> Asked:
        shoot = self._drawn_shoot(data)
        name, arguments = data.draw(commands(shoot))
        if name != "updateStillCandidate":
            arguments = {"sessionId": shoot.id, **arguments}
        return Asked(shoot, name, arguments, caller)

    def _submit(self, asked: Sequence[tuple[str, Thing, Caller]]) -> list[Outcome]:
        """What became of requests that are asked together."""
        ledger = self._ask.ledger
        outcomes: SimpleQueue[Outcome] = SimpleQueue()
        with together(ledger.log) if len(asked) > 1 else nullcontext():
            for name, arguments, caller in asked:
                function = BY_NAME[f"production:{name}"]
                assert isinstance(function, Mutation)
                ledger.log.submit(ledger.request(function, arguments, caller, outcomes.put))
        return [outcomes.get(timeout=60) for _ in asked]

    def _expect(self, asked: Asked, outcome: Outcome) -> None:
        """The outcome is the one that the model comes to, which is told of the request now."""
        shoot, name, arguments, caller = asked
        actor, key = caller.actor, caller.key
        if key is not None and (before := self._answered.get((actor, shoot.id, key))) is not None:
            if before[:2] == (name, arguments):
                assert outcome == before[2]._replace(repeated=True), "answered otherwise than before"
            else:
                assert isinstance(outcome, KeyReused), f"answered otherwise than by refusing the key: {outcome}"
            return
        refused, answer, facts = None, None, list[Fact]()
        try:
            answer, facts = shoot.decide(name, arguments)
        except No as no:
            refused = str(no)
        if refused is not None:
            assert isinstance(outcome, Refusal), f"{name} should have been refused: {outcome}"
            assert outcome.code == refused
            return
        assert isinstance(outcome, Receipt), outcome
        shoot.record(facts)
        self._changed.add(shoot.id)
        assert json.loads(outcome.answer) == answer, "answered otherwise than expected"
        assert outcome.sequence == len(shoot.facts), "answered otherwise than expected"
        if facts:
            assert outcome.position == sum(len(each.facts) for each in self._shoots.values())
        if key is not None:
            self._answered[actor, shoot.id, key] = (name, arguments, outcome)
