"""A server that is killed between commit and answer, whenever it has recorded something that says ``last words``.

``python -m tests.acceptance.dying DIRECTORY``
"""

import os
import signal
import sys
from pathlib import Path

from ledger.log.append import Append
from ledger.log.eventlog import EventLog
from tests.serving import run

LAST_WORDS = "last words"


class _DyingLog(EventLog):
    def _appended(self, append: Append) -> None:
        """The commit is done, and nobody has been answered yet."""
        if any(LAST_WORDS in entry.body for entry in append.entries):
            os.kill(os.getpid(), signal.SIGKILL)
        super()._appended(append)


if __name__ == "__main__":
    from ledger import bootstrap

    vars(bootstrap)["EventLog"] = _DyingLog
    run(Path(sys.argv[1]))
