"""What every projection is: it turns entries into rows, a batch at a time, inside somebody else's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeVar, cast

from sqlalchemy import Connection, MetaData, Table, bindparam, select, tuple_

from ledger.domain.entries import Entry, Event
from ledger.domain.refusals import AnswerTooLarge
from ledger.log import answers
from ledger.log.answers import enough, is_too_much
from ledger.log.direct import Prepared
from ledger.log.eventlog import EventLog
from ledger.log.reading import leaves_of_partition

METADATA: Final = MetaData()
"""The tables of all views."""
OF_PLACE: Final = "of_place"
"""Marks, in the ``info`` of a column, what comes only from where an entry stands in its shard: another ledger has another."""

ANSWER_LENGTH_DEFAULT: Final = 100
ANSWER_LENGTH_MAX: Final = 10_000
_KEYS_A_QUESTION: Final = 5_000
Item = TypeVar("Item")
Place = tuple[str, int]
Said = TypeVar("Said", bound=Event)
Kinds = tuple[type[Event], ...]


@cache
def _names_of(kinds: Kinds) -> frozenset[str]:
    return frozenset(kind.stored_as for kind in kinds)


class Batch:
    """Consecutive entries of one shard."""

    def __init__(
        self,
        entries: Sequence[Entry],
        numbers: Mapping[str, int],
        *,
        shard: int,
        first: int,
        log: EventLog,
        places: Sequence[Place] | None = None,
        leaves: Sequence[bytes] | None = None,
        positions: Sequence[int] | None = None,
    ) -> None:
        """``places``: of all that stand there, where some of them are not among the entries that are to be applied.

        ``leaves``: the leaf hash of every place, where they are known already. ``positions``: of the entries, where they do not
        follow each other.
        """
        self.shard = shard
        self.first = first
        """The position of the first place."""
        self.places = [(entry.partition, entry.sequence) for entry in entries] if places is None else places
        """Partition and sequence of everything that stands in the log there, parked or not."""
        self.numbers = numbers
        """The number of every session that is spoken of: what views know a session by, a third of the size of its Id."""
        self.entries = entries
        self.positions = range(first, first + len(entries)) if positions is None else positions
        """Of each entry, in its shard."""
        self._log = log
        self._leaves = leaves
        self._said: dict[str, list[tuple[Entry, Event]]] = {}
        for entry in entries:
            event = entry.event
            self._said.setdefault(event.stored_as, []).append((entry, event))

    def of(self, *kinds: type[Said]) -> list[tuple[Entry, Said]]:
        """The entries whose events are of these kinds, in order, each with its event.

        Told by their stored names: asking isinstance of pydantic models costs as much as all else that an entry needs.
        """
        wanted = _names_of(kinds)
        found = [said for name, said in self._said.items() if name in wanted]
        if len(found) < 2:  # those of one kind are in order already
            return cast("list[tuple[Entry, Said]]", found[0] if found else [])
        return [(entry, cast("Said", entry.event)) for entry in self.entries if entry.event.stored_as in wanted]

    def concerns(self, kinds: Kinds) -> bool:
        """Whether an event of these kinds is among them; all are of no kinds at all."""
        return not kinds or not _names_of(kinds).isdisjoint(self._said)

    def leaves(self) -> Sequence[bytes]:
        """The leaf hash of every place."""
        if self._leaves is None:
            self._leaves = self._log.leaves(self.shard, self.first - 1, self.first + len(self.places) - 1)
        return self._leaves

    def leaves_of(self, partition: str, after: int, up_to: int) -> list[bytes]:
        """The leaf hashes of a partition by their sequences, those of earlier batches."""
        with self._log.snapshot() as connection:
            return leaves_of_partition(connection, partition, after, up_to)


class Projection(Protocol):
    """Writes one view. ``version`` moves whenever the rows for the same entries would come out differently."""

    name: ClassVar[str]
    version: ClassVar[int]
    events: ClassVar[Kinds]
    """The kinds of events that change its rows; none named, every event does. It is told of no batch without them, and after these
    it is asked again by whoever watches."""

    def apply(self, batch: Batch, rows: Connection) -> None:
        """Bring the view's rows up to the end of a batch."""


def documents(connection: Connection, statement: Any, **parameters: Any) -> list[str]:
    """The JSON documents that a question about one column of them answers with, in its order. Raises AnswerTooLarge."""
    return _in_one_answer(connection.execute(statement, parameters).scalars())


def prepared_documents(connection: Connection, question: Prepared, **asked: Any) -> list[str]:
    """The same of a question that is put together once. Raises AnswerTooLarge."""
    return _in_one_answer(document for (document,) in question.run(connection, **asked))


def _in_one_answer(documents: Iterable[str]) -> list[str]:
    found = list(enough(documents, len))
    if is_too_much(found):
        raise AnswerTooLarge(answers.ANSWER_CHARACTERS_MAX)
    return found


def documents_by_key(
    connection: Connection, table: Table, key: Sequence[str], wanted: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], str]:
    """The documents of a view that the given values of its key columns name, those that it has."""
    return values_by_key(connection, table, key, wanted, "document")


def values_by_key(
    connection: Connection, table: Table, key: Sequence[str], wanted: Iterable[tuple[Any, ...]], column: str
) -> dict[tuple[Any, ...], Any]:
    """What a column says in the rows that the given values of the key columns name, those that there are."""
    columns = [table.c[name] for name in key]
    statement = select(*columns, table.c[column]).where(tuple_(*columns).in_(bindparam("keys", expanding=True)))
    found: dict[tuple[Any, ...], Any] = {}
    for keys in batched(sorted(set(wanted)), _KEYS_A_QUESTION):
        rows = connection.execute(statement, {"keys": list(keys)})
        found |= {tuple(row[:-1]): row[-1] for row in rows}
    return found


def batched(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Consecutive runs of at most ``size`` items."""
    return (items[start : start + size] for start in range(0, len(items), size))
