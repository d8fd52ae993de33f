"""A real ledger for tests to tamper with, its tables open to anybody."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any, Self

from ledger.application.verify import Verification, verify
from ledger.bootstrap import LOG_FILE, VIEWS_FILE, open_for_writing
from ledger.domain.proofs import KeptHead
from ledger.domain.vocabulary import Vocabulary
from ledger.log.integrity import leaf_hash
from ledger.log.merkle import root_of
from ledger.log.scan import Fault
from tests.application.asking import Asking


class Touched:
    """A ledger of two sessions whose entries alternate, its tables open to anybody."""

    def __init__(self, directory: Path) -> None:
        self.log, self.views = directory / LOG_FILE, directory / VIEWS_FILE
        with open_for_writing(directory, Vocabulary()) as ledger:
            ask = Asking(ledger)
            self.first, self.second = ask.start(title="one"), ask.start(title="two")
            for session_id in (self.first, self.second):
                camera = {"cameraId": "cam", "sourceType": "iphone", "role": "hero", "priorityWeight": 1}
                ask.write("upsertProductionCamera", sessionId=session_id, isActive=True, **camera)
                ask.write("createStillCandidate", sessionId=session_id, cameraId="cam", timestampMs=1, score=0.5)
            for at in range(300):
                ask.cut(self.first, at, reason="first")
                if at < 10:
                    ask.cut(self.second, at, reason="second")
            ask.read("getProductionTimeline", sessionId=self.first)
        self.size = self.rows("SELECT count(*) FROM events")[0][0]

    def copied(self, directory: Path) -> Self:
        """The same in another folder."""
        copy = object.__new__(type(self))
        copy.__dict__ |= self.__dict__ | {"log": directory / LOG_FILE, "views": directory / VIEWS_FILE}
        for file, target in ((self.log, copy.log), (self.views, copy.views)):
            target.write_bytes(file.read_bytes())
        return copy

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.log)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def change(self, *statements: str, file: Path | None = None) -> None:
        with closing(sqlite3.connect(file or self.log)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def head(self) -> KeptHead:
        """What somebody keeps elsewhere: the shard's root as it is now."""
        leaves = [leaf for (leaf,) in self.rows("SELECT leaf FROM events ORDER BY position")]
        return KeptHead(self.rows("SELECT epoch FROM epochs")[0][0], None, 0, len(leaves), root_of(leaves))

    def cover_up(self) -> None:
        """Compute every leaf, head and tree anew, as somebody would who knows how all of this works."""
        with closing(sqlite3.connect(self.log)) as connection, connection:
            names = "position, partition, sequence, type, recorded_at, actor, key, salt, body"
            rows = connection.execute(f"SELECT {names} FROM events ORDER BY position").fetchall()
            leaves = [leaf_hash(*row[1:]) for row in rows]
            connection.executemany(
                "UPDATE events SET leaf = ? WHERE position = ?",
                [(leaf, row[0]) for leaf, row in zip(leaves, rows, strict=True)],
            )
            connection.execute("UPDATE shards SET position = ?", [len(rows)])
        self.views.unlink()
        with open_for_writing(self.log.parent, Vocabulary()) as ledger:
            while ledger.runner.lag() and not ledger.runner.halted:
                sleep(0.005)

    def verified(self, *heads: KeptHead) -> Verification:
        return verify(self.log, self.views, {"kept": heads} if heads else None)

    def faults(self, *heads: KeptHead) -> list[Fault]:
        return self.verified(*heads).faults


def close_the_gaps(ledger: Touched) -> None:
    """Number what is left anew, as if nothing had ever been between."""
    rows = ledger.rows("SELECT position FROM events ORDER BY position")
    ledger.change(
        *(f"UPDATE events SET position = {to} WHERE position = {at}" for to, (at,) in enumerate(rows, 1)),
        f"UPDATE shards SET position = {len(rows)}",
    )


def swap(ledger: Touched, columns: str, one: int, other: int) -> None:
    """Exchange what two rows hold in some columns."""
    names = [column for _, column, *_ in ledger.rows("PRAGMA table_info(events)")]
    first, second = (list(ledger.rows("SELECT * FROM events WHERE position = ?", at)[0]) for at in (one, other))
    for at in map(names.index, columns.split()):
        first[at], second[at] = second[at], first[at]
    with closing(sqlite3.connect(ledger.log)) as connection, connection:
        connection.execute("DELETE FROM events WHERE position IN (?, ?)", (one, other))
        connection.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(names))})", [first, second])


def insert_at_the_end(ledger: Touched, position: int, sequence: int) -> None:
    salt, body = bytes(16), '{"timestampMs":1,"eventType":"cut"}'
    at = ledger.rows("SELECT max(recorded_at) FROM events")[0][0]
    named = (ledger.first, sequence, "director-event-recorded.1", at, "mallory", None)
    leaf = leaf_hash(*named, salt, body)
    with closing(sqlite3.connect(ledger.log)) as connection, connection:
        row = (0, position, *named, None, salt, body, leaf)
        connection.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", row)
