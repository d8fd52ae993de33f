"""A group: what is recorded together. Requests are decided one after another, each at the head that those before it have made."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

from sqlalchemy import Connection

from ledger.domain.refusals import KeyReused, Refusal
from ledger.log.append import Append
from ledger.log.database import has_failed
from ledger.log.known import Known
from ledger.log.reading import Head, read_placed
from ledger.log.requests import AnsweredRequest, Outcome, Receipt, Request, Under, answered_requests
from ledger.log.stream import Stream
from ledger.log.waiting import Asked


class Group:
    """Requests for shards, and what comes of them once they are decided."""

    def __init__(self, asked: Asked, known: Known) -> None:
        self.asked = asked
        self.appends: Sequence[Append] = ()
        """To those of its shards that can be added to now."""
        self.outcomes: list[tuple[Request, Outcome]] = []
        self.answered: dict[Under, AnsweredRequest] = {}
        """What is answered under its requests' keys."""
        self._answered_before: dict[Under, AnsweredRequest] = {}
        self._known = known
        self._heads_before: dict[Stream, Head] = {}
        self._heads: dict[Stream, Head] = {}
        """How far it brings streams, once all is decided."""
        self.weight = sum(request.weight for request in chain(*asked.values()))

    @property
    def left(self) -> Asked:
        """What is asked of the other shards."""
        its = {append.shard for append in self.appends}
        return {shard: requests for shard, requests in self.asked.items() if shard not in its}

    def decide(self, connection: Connection) -> None:
        """Decide all of them, under locks; a refused or a failing one harms only itself."""
        keys = [request.under for request in self._requests() if request.under is not None]
        self._answered_before = answered_requests(connection, keys)
        self._decide(self._outcome)

    def foresee(self) -> None:
        """Decide all of them as if nothing had been answered under their keys. Raises what the first is refused or fails by."""
        self._decide(self._receipt)

    def committed(self) -> None:
        """What its requests have recorded stands in the log."""
        for stream, head in self._heads.items():
            stream.committed(head)
        for append in self.appends:
            self._known.committed(append)

    def take_back(self) -> None:
        """What its requests have recorded will not stand in the log, nor anything that was recorded after it."""
        for stream, head in self._heads_before.items():
            stream.take_back(head)

    def _requests(self) -> Iterator[Request]:
        return chain.from_iterable(self.asked[append.shard] for append in self.appends)

    def _decide(self, outcome_of: Callable[[Request, Append], Outcome]) -> None:
        for append in self.appends:
            for request in self.asked[append.shard]:
                self.outcomes.append((request, outcome_of(request, append)))
        self._heads = {stream: stream.head for stream in self._heads_before}

    def _outcome(self, request: Request, append: Append) -> Outcome:
        try:
            return self._receipt(request, append)
        except Refusal as refusal:
            request.on_refused()
            return refusal
        except Exception as fault:  # a fault of ours in one request must not fail its neighbours
            if has_failed(append.connection):
                raise
            fault.add_note("while deciding; nothing of this request was recorded")
            request.on_failed()
            return fault

    def _receipt(self, request: Request, append: Append) -> Receipt:
        under = request.under
        if under is not None and (before := self.answered.get(under) or self._answered_before.get(under)):
            under_key = partial(_recorded, request, before, append)
            if before.digest != request.digest and not request.is_repeat(before.digest, under_key):
                raise KeyReused(under[-1])  # what is refused is told in one place
            return Receipt(before.answer, append.shard, before.position, before.sequence, repeated=True)
        stream = self._known.stream(request.partition, append)
        decision = request.decide(stream)
        answer = decision.answer(stream.sequence + 1)
        if stream not in self._heads_before:
            self._heads_before[stream] = stream.head
        recorded = stream.record(
            decision.events,
            position=append.position,
            recorded_at=append.recorded_at,
            actor=request.actor,
            key=request.key,
        )
        append.add(recorded)
        receipt = Receipt(answer, append.shard, stream.position, stream.sequence)
        if under is not None:
            self.answered[under] = AnsweredRequest(request.digest, receipt.answer, receipt.sequence, receipt.position)
        return receipt


def _recorded(request: Request, before: AnsweredRequest, append: Append, count: int) -> list[str]:
    """The bodies of the last events, so many at most, that were recorded under a request's key when it was answered before."""
    after = before.sequence - count
    found = read_placed(append.connection, request.partition, after=after, up_to=before.position, limit=count)
    return [
        entry.body
        for entry in (*(placed.entry for placed in found), *append.entries)
        if (entry.partition, entry.actor, entry.key) == request.under and entry.sequence > after
    ]
