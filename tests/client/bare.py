"""The installation of an external writer: ``python -m tests.client.bare …`` is ``ledger …`` where no server's package is."""

import sys
import tomllib
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_EXTRAS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
SERVER_PACKAGES: Final = frozenset(
    package.partition(">")[0].partition("[")[0].replace("-", "_")
    for extra in ("server", "postgres", "jwt", "s3", "ocr", "video")
    for package in _EXTRAS[extra]
) - {"production_ledger"} | {"starlette"}  # extras name each other by way of the package itself


class Absent(MetaPathFinder):
    """Answers for the server's packages that there are none."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name.partition(".")[0] in SERVER_PACKAGES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if __name__ == "__main__":
    sys.meta_path.insert(0, Absent())
    from ledger.cli import app

    app(prog_name="ledger")
