"""What servers of the tests are forked from: a process in which one has been made already.

Two thirds of a start happen but once in a process: modules that are imported when they are first needed, the shapes that
pydantic and FastAPI work out, the authorities that certificates are verified by.
"""

import gc
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger import bootstrap
from ledger.api.server import create_app
from ledger.settings import Settings
from ledger.workers.running import running
from tests.serving import run

__all__ = ["run"]

with TemporaryDirectory() as folder:
    settings = Settings.from_environment({})
    with (
        bootstrap.open_for_writing(Path(folder), settings.vocabulary) as ledger,
        running(ledger, settings, "http://127.0.0.1:1"),
    ):
        create_app(ledger, settings)
del ledger
gc.collect()
gc.freeze()
