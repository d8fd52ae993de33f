"""``python -m tests.log.interrupted BACKUP LEDGER``: restores into copies of a ledger, and dies in each a step later.

A step is a name that is given, taken or changed. The copies are ``LEDGER-0``, ``LEDGER-1`` and so on; the last restore is done.
"""

import itertools
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from ledger.log.restore import restore
from tests.log.opened import NOW


def die_at(step: int) -> None:
    """End this process, with nothing tidied up, instead of taking the step."""
    steps = itertools.count()

    def dying(take: Any) -> Any:
        def taken(*arguments: Any, **options: Any) -> Any:
            if next(steps) == step:
                os._exit(9)
            return take(*arguments, **options)

        return taken

    for name in ("link", "unlink", "rename"):
        setattr(os, name, dying(getattr(os, name)))


if __name__ == "__main__":
    backup, ledger = map(Path, sys.argv[1:])
    for step in itertools.count():
        copy = ledger.with_name(f"{ledger.name}-{step}")
        shutil.copytree(ledger, copy)
        child = os.fork()
        if not child:
            die_at(step)
            restore(backup, copy / "log.sqlite", NOW, replace=True)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            break
