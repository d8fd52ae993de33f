"""The house is kept in order by tests like any other, and each check is shown to find what it is for."""

from pathlib import Path
from typing import Final

import pytest

from tools import rooms, tidy
from tools.rooms import ROOT

# Lists that may only shrink: what was too long, or untested under its own name, when the check was written.
LONG_FILES: Final[dict[str, int]] = {}
LONG_FUNCTIONS: Final[dict[str, int]] = {}
WITHOUT_TESTS: Final[set[str]] = set()


def test_no_file_is_too_long():
    assert tidy.ratchet(tidy.long_files(ROOT), LONG_FILES) == []


def test_no_function_is_too_long():
    assert tidy.ratchet(tidy.long_functions(ROOT), LONG_FUNCTIONS) == []


def test_names_say_what_is_inside():
    assert tidy.poor_names(ROOT) == []


def test_every_room_has_a_sign():
    assert tidy.rooms_without_sign(ROOT) == []


def test_tests_mirror_the_source():
    assert tidy.mirror(tidy.without_tests(ROOT), WITHOUT_TESTS) == []


def test_the_domain_imports_pydantic_and_the_standard_library():
    assert tidy.impure_imports(ROOT) == []


def test_nothing_points_into_a_home_folder():
    assert tidy.homes(ROOT) == []


def test_the_page_of_rooms_says_what_the_signs_say():
    assert tidy.stale_page(ROOT) == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small tidy house, for each test to make its own mess in."""
    contract = '[[tool.importlinter.contracts]]\nid = "rooms"\nlayers = ["(attic) | (cellar)", "domain"]\n'
    _write(tmp_path, "pyproject.toml", contract)
    _write(tmp_path, ".gitignore", ".venv/\n*.log\n")
    _write(tmp_path, "src/ledger/__init__.py", '"""A house."""\n')
    _write(tmp_path, "src/ledger/domain/__init__.py", '"""What may happen."""\n')
    _write(
        tmp_path,
        "src/ledger/domain/stills.py",
        '"""Stills."""\nimport hashlib\nfrom pydantic_core import core_schema\n',
    )
    _write(tmp_path, "tests/domain/test_stills.py", '"""Stills."""\n')
    _write(tmp_path, "docs/rooms.md", rooms.page(tmp_path))
    return tmp_path


def _write(house: Path, name: str, text: str) -> None:
    (house / name).parent.mkdir(parents=True, exist_ok=True)
    (house / name).write_text(text, "utf-8")


def test_a_tidy_house_passes(house: Path):
    assert tidy.long_files(house) == tidy.long_functions(house) == {}
    assert tidy.without_tests(house) == set()
    checks = (tidy.poor_names, tidy.rooms_without_sign, tidy.impure_imports, tidy.homes, tidy.stale_page)
    assert [complaint for check in checks for complaint in check(house)] == []


def test_length_is_counted_in_lines(house: Path):
    body = "    pass\n" * 50
    _write(house, "src/ledger/domain/stills.py", f"class Long:\n{body}    def run(self):\n" + "        pass\n" * 50)
    assert tidy.long_functions(house) == {"src/ledger/domain/stills.py::run": 51}
    _write(house, "tests/domain/test_stills.py", "\n" * 300)
    assert tidy.long_files(house) == {}
    _write(house, "tests/domain/test_stills.py", "\n" * 301)
    assert tidy.long_files(house) == {"tests/domain/test_stills.py": 301}


@pytest.mark.parametrize(
    ("found", "allowed", "complaint"),
    [
        ({"a": 301}, {}, "divide"),
        ({"a": 303}, {"a": 302}, "grew"),
        ({"a": 301}, {"a": 302}, "lower its number"),
        ({}, {"a": 302}, "off the list"),
    ],
)
def test_the_ratchet_turns_one_way(found: dict[str, int], allowed: dict[str, int], complaint: str):
    (only,) = tidy.ratchet(found, allowed)
    assert complaint in only


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/ledger/domain/utils.py", ""),
        ("src/ledger/helpers/__init__.py", ""),
        ("src/ledger/domain/stills.py", "class CameraManager: ..."),
        ("src/ledger/domain/stills.py", "class A:\n    async def date_util(self): ..."),
        ("tests/domain/test_stills.py", "def data(): ..."),
    ],
)
def test_a_name_that_says_nothing_is_found(house: Path, name: str, text: str):
    _write(house, name, text)
    assert len(tidy.poor_names(house)) == 1


def test_names_that_only_contain_a_banned_word_are_left_alone(house: Path):
    _write(
        house, "src/ledger/domain/stills.py", "def process_event(): ...\ndef metadata(): ...\nclass Utilization: ..."
    )
    assert tidy.poor_names(house) == []


@pytest.mark.parametrize("name", ["cellar/wine.py", "domain/__init__.py", "domain/edits/cuts.py", "settings.py"])
def test_a_missing_sign_is_found(house: Path, name: str):
    _write(house, f"src/ledger/{name}", "x = 1\n")
    assert len(tidy.rooms_without_sign(house)) == 1


def test_a_source_file_without_tests_is_found(house: Path):
    _write(house, "src/ledger/domain/cameras.py", '"""Cameras."""\n')
    assert tidy.without_tests(house) == {"domain/cameras.py"}
    assert len(tidy.mirror(tidy.without_tests(house), ())) == 1
    assert tidy.mirror(tidy.without_tests(house), {"domain/cameras.py"}) == []
    (stale,) = tidy.mirror((), {"domain/cameras.py"})
    assert "off the list" in stale


@pytest.mark.parametrize("line", ["import sqlalchemy.orm", "from fastapi import FastAPI", "def f():\n    import rich"])
def test_a_library_in_the_domain_is_found(house: Path, line: str):
    _write(house, "src/ledger/domain/stills.py", line)
    assert len(tidy.impure_imports(house)) == 1


@pytest.mark.parametrize("folder", ["home", "Users", "root"])
def test_a_home_folder_is_found_where_git_keeps_it(house: Path, folder: str):
    line = f"open('/{folder}/ann/takes.edl')\n"
    _write(house, ".venv/pyvenv.cfg", line)
    _write(house, "docs/server.log", line)
    assert tidy.homes(house) == []
    _write(house, ".github/workflow.yml", "first\n" + line)
    assert tidy.homes(house) == [".github/workflow.yml:2"]


def test_a_web_address_is_no_home_folder(house: Path):
    _write(house, "docs/tour.md", "https://example.com/home/tour and src/root/x\n")
    assert tidy.homes(house) == []


def test_a_changed_sign_makes_the_page_stale(house: Path):
    _write(house, "src/ledger/domain/__init__.py", '"""What may happen, and what it means."""\n')
    assert len(tidy.stale_page(house)) == 1
    _write(house, "docs/rooms.md", rooms.page(house))
    assert tidy.stale_page(house) == []


def test_the_page_lists_rooms_in_import_order_and_neighbours_together(house: Path):
    for room in ("attic", "cellar"):
        _write(house, f"src/ledger/{room}.py", f'"""The {room}."""\n')
    page = rooms.page(house)
    assert page.index("attic.py") < page.index("cellar.py") < page.index("domain/")
