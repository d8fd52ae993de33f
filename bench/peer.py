"""The peer: the SQLite application recorder that the library ``eventsourcing`` ships, with its own schema and settings."""

from pathlib import Path
from time import perf_counter
from typing import Final

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from eventsourcing.utils import get_topic

from bench.events import PARTITION_EXAMPLE, director_event, encoded


class Decision:
    """What the peer's mapper makes of a stored event; the annotation tells it that Ids are text."""

    originator_id: str


_TOPIC: Final = get_topic(Decision)


class Peer:
    """One file of the library's, in WAL mode, at SQLite's default of synchronous=FULL."""

    def __init__(self, path: Path) -> None:
        self._recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(path), originator_id_type="text"))
        self._recorder.create_table()
        self._mapper = Mapper[str](JSONTranscoder())
        self._version = 0

    def append_rate(self, events: int, a_commit: int) -> float:
        """Events a second through ``insert_events``, so many a commit; they are there before the clock starts."""
        batches = [[self._stored() for _ in range(min(a_commit, events - done))] for done in range(0, events, a_commit)]
        begun = perf_counter()
        for batch in batches:
            self._recorder.insert_events(batch)
        return events / (perf_counter() - begun)

    def read_rate(self) -> float:
        """Events a second through ``select_events`` and the library's mapper."""
        begun = perf_counter()
        mapped = [self._mapper.to_domain_event(stored) for stored in self._recorder.select_events(PARTITION_EXAMPLE)]
        return len(mapped) / (perf_counter() - begun)

    def close(self) -> None:
        self._recorder.datastore.close()

    def _stored(self) -> StoredEvent:
        self._version += 1
        body = encoded(director_event(self._version)).encode()
        return StoredEvent(PARTITION_EXAMPLE, self._version, _TOPIC, body)
