"""A server that does not sync its log before it answers: what the durability test must be able to tell from ours.

``python -m tests.acceptance.careless DIRECTORY``
"""

import sys
from pathlib import Path
from typing import Any

from ledger import bootstrap
from tests.serving import run

_open_carefully = bootstrap.open_sqlite


def _open_carelessly(path: Path, **options: Any) -> Any:
    return _open_carefully(path, **(options | {"durability": "OFF"}))


if __name__ == "__main__":
    bootstrap.open_sqlite = _open_carelessly
    run(Path(sys.argv[1]))
