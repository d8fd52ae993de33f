"""A server that does not sync its log before it answers: what the durability test must be able to tell from ours.

``python -m tests.acceptance.careless DIRECTORY``
"""

import sys
from pathlib import Path
from typing import Any

from ledger import bootstrap
from ledger.log.database import open_sqlite
from tests.serving import run


def _open_carelessly(path: Path, **options: Any) -> Any:
    return open_sqlite(path, **(options | {"durability": "OFF"}))


if __name__ == "__main__":
    vars(bootstrap)["open_sqlite"] = _open_carelessly
    run(Path(sys.argv[1]))
