"""``ledger project``: a process that only builds a database's views."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ledger.cli.door import DoorError
from ledger.cli.failures import stopping_on_sigterm
from ledger.cli.options import Data, Database, NoUrl, place
from ledger.cli.screens import aside

if TYPE_CHECKING:
    from ledger.application.ledger import Ledger

_LOOK_SECONDS: Final = 2.0


def project(data: Data = None, database: Database = None, url: NoUrl = None) -> None:
    """Keep the views of a PostgreSQL database up to its log, until Ctrl-C or SIGTERM.

    Any number of these may run, on as many machines: each batch is carried by whoever locks its shard first, and what one
    leaves when it dies the others go on with at once. `ledger serve --no-project` leaves the views to them. On stderr it says
    how far the views are behind, whenever that has changed.

    Example: `ledger project --database postgresql://ledger@db.example/shoots`
    """
    where = place(data, database, url)
    if not where.database:
        raise DoorError(
            "invalid", f"{where}: the process that serves a ledger's folder builds its views; name a --database"
        )
    from ledger.cli import embedded  # noqa: PLC0415  # a second that --help need not wait

    told = ""
    with suppress(KeyboardInterrupt), stopping_on_sigterm(), embedded.database(where.database, writing=True) as ledger:
        while True:
            state = _state(ledger)
            if state != told:
                aside().print(state)
                told = state
            time.sleep(_LOOK_SECONDS)


def _state(ledger: "Ledger") -> str:
    if ledger.runner.halted:
        return f"the views stand still: {ledger.runner.halted}"
    lag = ledger.runner.lag()
    return f"{lag:,} {'entry' if lag == 1 else 'entries'} behind" if lag else "the views are up to the log"
