"""Tags: what an entry changes, and what a live answer depends on; where they meet, it is asked again.

An entry changes the views that say so of its kind, each at its own partition and for whoever looks at all of them.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from ledger.application.functions import ANYWHERE, LOG, Tag
from ledger.domain.entries import Entry
from ledger.log.codec import UnreadableEventError
from ledger.log.eventlog import EventLog
from ledger.projections.views import PROJECTIONS

_OF_EVERY_KIND: Final = LOG | {projection.name for projection in PROJECTIONS if not projection.events}


@cache
def views_of(stored_name: str) -> frozenset[str]:
    """The views that events of a kind change, and the log, which every event does."""
    return _OF_EVERY_KIND | {
        projection.name
        for projection in PROJECTIONS
        if any(kind.stored_as == stored_name for kind in projection.events)
    }


def tags_of(entries: Iterable[Entry]) -> set[Tag]:
    """What these entries change."""
    said = {(entry.event.stored_as, entry.partition) for entry in entries}
    places = {(view, partition) for stored_name, partition in said for view in views_of(stored_name)}
    return places | {(view, ANYWHERE) for view, _ in places}


def tags_between(log: EventLog, after: Mapping[int, int], counts: Mapping[int, int]) -> set[Tag] | None:
    """What so many entries after a position of each shard change; None where one of them cannot be read."""
    found: list[Entry] = []
    try:
        for shard, count in counts.items():
            found += log.read(shard, after[shard], count)
    except UnreadableEventError:
        return None
    return tags_of(found) if len(found) == sum(counts.values()) else None
