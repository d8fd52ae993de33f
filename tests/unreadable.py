"""A ledger with an event that no running version can read, as a newer one would have left it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.bootstrap import LOG_FILE, VIEWS_FILE
from tests.serving import Serving
from tests.shared import Serve


def rename(folder: Path, session_id: str, name: str) -> None:
    """Have the session's second event stored under another name."""
    with closing(sqlite3.connect(folder / LOG_FILE)) as log, log:
        changed = log.execute("UPDATE events SET type = ? WHERE partition = ? AND sequence = 2", (name, session_id))
        assert changed.rowcount == 1


def with_an_event_that_nobody_can_read(serve: Serve, **environment: str) -> tuple[Serving, str]:
    """A server that has come across it, and the session that it is of."""
    server = serve(**environment)
    session_id = server.session()
    server.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    server.stop()
    rename(server.directory, session_id, "vanished.1")
    (server.directory / VIEWS_FILE).unlink()
    server.start()
    return server, session_id
