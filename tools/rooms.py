"""Write ``docs/rooms.md``: the signs of the rooms, in the order in which they may import each other."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "rooms.md"
_HEADING: Final = """\
# Rooms

Where a line of code belongs, in import order: a room may import those below it, never one above it, and none of the
neighbours that share its step. `make check` holds this. `make docs` generates this page from the rooms' docstrings.
"""


def layers(root: Path = ROOT) -> list[list[str]]:
    """The rooms from the top down, neighbours together, as the import contract in ``pyproject.toml`` lists them."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rooms = next(contract for contract in contracts if contract["id"] == "rooms")
    return [re.findall(r"\w+", layer) for layer in rooms["layers"]]


def source_of(room: str, root: Path = ROOT) -> Path | None:
    """The file that carries the sign of a room: its ``__init__.py``, or the room itself where it is one file."""
    source = root / "src" / "ledger"
    return next((path for path in (source / room / "__init__.py", source / f"{room}.py") if path.exists()), None)


def page(root: Path = ROOT) -> str:
    """The page as it ought to be, steps from the top down."""
    steps = []
    for layer in layers(root):
        signs = [_sign(room, source) for room in layer if (source := source_of(room, root))]
        if signs:
            steps.append("\n".join(signs))
    return _HEADING + "\n" + "\n".join(steps)


def _sign(room: str, source: Path) -> str:
    docstring = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or "No sign yet."
    place = f"{room}/" if source.name == "__init__.py" else source.name
    return f"## `{place}`\n{docstring}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
