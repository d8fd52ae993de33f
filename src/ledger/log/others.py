"""Whether others have a PostgreSQL database open: what changes all of it waits until nobody has. A folder has its lock file."""

from time import monotonic, sleep
from typing import Final

from sqlalchemy import Connection, func, select, text

from ledger.log.database import APPLICATION_NAME

_LEAVING_SECONDS: Final = 1.0
"""How long the server of a closed connection may be seen."""
_POLL_SECONDS: Final = 0.02
_OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name AND pid <> pg_backend_pid()"
)


class DatabaseInUseError(Exception):
    """Servers or commands have a database open that nobody else may have open now."""

    def __init__(self, connections: int) -> None:
        super().__init__(
            f"the ledger has {connections} connection{'s' if connections > 1 else ''} open to this database;"
            " stop its servers and `ledger project` first"
        )


def require_alone(connection: Connection) -> None:
    """Raises DatabaseInUseError where others of us have a PostgreSQL database open. Who has just closed it is gone in a moment."""
    deadline = monotonic() + _LEAVING_SECONDS
    while others := connection.execute(_OTHERS, {"name": APPLICATION_NAME}).scalar_one():
        if monotonic() > deadline:
            raise DatabaseInUseError(others)
        sleep(_POLL_SECONDS)
        connection.execute(select(func.pg_stat_clear_snapshot()))  # or the transaction would see the same again
