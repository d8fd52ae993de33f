"""Tidiness, checked: each function looks at a house (a checkout) and answers with what is out of place, in words."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

from tools import rooms

FILE_LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 50
BANNED_WORDS: Final = {"util", "utils", "helper", "helpers", "manager", "managers"}
"""Words that say that something is kept here, but not what."""

BANNED_NAMES: Final = {"data", "process"}
DOMAIN_MAY_IMPORT: Final = {"ledger", "pydantic", "pydantic_core"}
_HOME: Final = re.compile(r"(?<![\w.])/(?:home|Users|root)/")
_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def long_files(root: Path) -> dict[str, int]:
    """Every Python file over the limit, with its lines."""
    lengths = {_name(path, root): len(path.read_text("utf-8").splitlines()) for path in _python(root)}
    return {name: length for name, length in lengths.items() if length > FILE_LINES_MAX}


def long_functions(root: Path) -> dict[str, int]:
    """Every function over the limit, as ``path::name``, with its lines."""
    lengths = {
        f"{_name(path, root)}::{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in _python(root)
        for node in _definitions(path)
        if not isinstance(node, ast.ClassDef)
    }
    return {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX}


def ratchet(found: Mapping[str, int], allowed: Mapping[str, int]) -> list[str]:
    """What is longer than it may be, and what is allowed more than it needs: a list that is kept can only shrink."""
    complaints = []
    for name in sorted(found.keys() | allowed.keys()):
        match found.get(name), allowed.get(name):
            case int(lines), None:
                complaints.append(f"{name} has {lines} lines; divide it into its sections")
            case None, int():
                complaints.append(f"{name} is no longer too long: take it off the list")
            case int(lines), int(limit) if lines > limit:
                complaints.append(f"{name} grew from {limit} lines to {lines}; divide it instead")
            case int(lines), int(limit) if lines < limit:
                complaints.append(f"{name} shrank from {limit} lines to {lines}: lower its number")
    return complaints


def poor_names(root: Path) -> list[str]:
    """Modules, classes and functions whose name does not say what they are for."""
    complaints = []
    for path in _python(root):
        names = [
            path.parent.name if path.stem == "__init__" else path.stem,
            *(node.name for node in _definitions(path)),
        ]
        complaints += [f"{_name(path, root)}: {name}" for name in names if _is_poor(name)]
    return complaints


def _is_poor(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return name.lower() in BANNED_NAMES or not BANNED_WORDS.isdisjoint(words)


def rooms_without_sign(root: Path) -> list[str]:
    """Rooms, and folders inside them, that do not say what belongs in them."""
    house = root / "src" / "ledger"
    signs = {path.parent / "__init__.py" for path in house.rglob("*.py")} | set(house.glob("*.py"))
    return sorted(_name(path, root) for path in signs if not path.exists() or not _docstring(path))


def without_tests(root: Path) -> set[str]:
    """Source files that have no test file of the same name at the same place."""
    house = root / "src" / "ledger"
    sources = [path.relative_to(house) for path in house.rglob("*.py") if not path.stem.startswith("__")]
    tests = root / "tests"
    return {path.as_posix() for path in sources if not (tests / path.parent / f"test_{path.name}").exists()}


def mirror(missing: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Source files that lack their tests without being on the list, and those on the list that need not be."""
    missing, allowed = set(missing), set(allowed)
    return [
        *(f"src/ledger/{name} has no test file of its name under tests/" for name in sorted(missing - allowed)),
        *(f"{name} has its tests now, or is gone: take it off the list" for name in sorted(allowed - missing)),
    ]


def impure_imports(root: Path) -> list[str]:
    """What the domain imports beyond pydantic and the standard library; import-linter can only forbid names."""
    known = DOMAIN_MAY_IMPORT | sys.stdlib_module_names
    return [
        f"{_name(path, root)} imports {module}"
        for path in sorted((root / "src" / "ledger" / "domain").rglob("*.py"))
        for module in _imported(path)
        if module.partition(".")[0] not in known
    ]


def homes(root: Path) -> list[str]:
    """Lines that name a folder in somebody's home, which exists on one machine only."""
    return [
        f"{_name(path, root)}:{number}"
        for path in _texts(root)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if _HOME.search(line)
    ]


def stale_page(root: Path) -> list[str]:
    """Whether the page of rooms says what the rooms' signs say."""
    page = root / "docs" / "rooms.md"
    current = page.exists() and page.read_text("utf-8") == rooms.page(root)
    return [] if current else ["docs/rooms.md does not say what the signs say: make docs"]


def _python(root: Path) -> Iterator[Path]:
    for folder in ("src", "tests", "bench", "tools"):
        yield from sorted((root / folder).rglob("*.py"))


def _texts(root: Path) -> Iterator[Path]:
    """Every file but what git is told to ignore; git is not asked, so that a copy without history is checked too."""
    ignore = root / ".gitignore"
    patterns = [".git", *(line.strip("/") for line in (ignore.read_text("utf-8") if ignore.exists() else "").split())]
    pending = [root]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if any(fnmatch(path.name, pattern) for pattern in patterns):
                continue
            if path.is_dir():
                pending.append(path)
            else:
                yield path


@cache
def _defined_in(text: str) -> list[_Defined]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, _Defined)]


def _definitions(path: Path) -> list[_Defined]:
    return _defined_in(path.read_text("utf-8"))


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
