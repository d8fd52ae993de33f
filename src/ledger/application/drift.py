"""The views held against the log: every session, or some, folded anew and compared with what is shown of it."""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Final

from ledger.application.verify import Check
from ledger.log.eventlog import EventLog
from ledger.log.scan import Fault
from ledger.projections.drift import Drift
from ledger.projections.refold import every_partition, look, sample, strays
from ledger.projections.views import Views

NAME: Final = "views"
ENTRIES_A_LOOK: Final = 5_000
PARTITIONS_A_LOOK: Final = 100
"""Folded and compared together: what is compared takes a score of questions, whether it is much or little."""
Progress = Callable[[int, int], None]


def check_views(
    log: EventLog, views: Views, count: int | None = None, progress: Progress = lambda done, total: None
) -> Check:
    """Fold all partitions, or so many that chance picks, and compare; ``progress`` is told of entries.

    Others may write the log and build the views meanwhile. What has events parked is told, and is no fault.
    """
    chosen = None if count is None else sample(log, count, Random())  # noqa: S311  # nothing is kept secret by it
    total = sum(log.heads()) if chosen is None else sum(log.head_of(it).sequence for it in chosen)
    done = compared = rows = 0
    faults: list[Fault] = []
    known: set[str] = set()
    for partitions, entries in _together(log, every_partition(log) if chosen is None else chosen):
        looked = look(log, views, partitions)
        if looked.skipped:
            return Check(NAME, "not compared", [Fault(f"the views cannot be compared: {looked.skipped}")])
        known.update(partitions)
        compared += len(looked.partitions)
        rows += looked.rows
        faults += map(_fault, looked.drifts)
        done += entries
        progress(done, max(done, total))
    if chosen is None:
        faults += map(_fault, strays(log, views, known))
    aside = len(known) - compared
    told = f"{rows:,} rows of {compared:,} {'sessions' if compared != 1 else 'session'} and the like, folded anew"
    return Check(NAME, told + (f"; {aside:,} not compared, since events of them are parked" if aside else ""), faults)


def _together(log: EventLog, partitions: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    """Partitions in such groups as are looked at together, each with how many entries it has."""
    group: list[str] = []
    entries = 0
    for partition in partitions:
        group.append(partition)
        entries += log.head_of(partition).sequence
        if entries >= ENTRIES_A_LOOK or len(group) == PARTITIONS_A_LOOK:
            yield group, entries
            group, entries = [], 0
    if group:
        yield group, entries


def _fault(drift: Drift) -> Fault:
    return Fault(f"view {drift.view}: {drift.difference}", partition=drift.partition)
