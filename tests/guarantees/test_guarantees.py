"""Every promise on its page has its proof and its planted bug, and all of them are run by this suite."""

import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Final, NamedTuple

import pytest

from tests.careless import FAULTS
from tests.serving import ROOT

PAGE: Final = ROOT / "docs" / "GUARANTEES.md"
_QUOTED: Final = re.compile(r"`([^`]+)`")
_COLUMNS: Final = 5


class Promise(NamedTuple):
    """A row of the page."""

    promise: str
    meaning: str
    proofs: tuple[str, ...]
    faults: tuple[str, ...]
    controls: tuple[str, ...]


def promises_of(page: str) -> list[Promise]:
    """The rows of the page's table; whatever has no five columns is none."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    return [
        Promise(promise, meaning, *(tuple(_QUOTED.findall(cell)) for cell in cells))
        for promise, meaning, *cells in rows[2:]
        if len(cells) == _COLUMNS - 2
    ]


def complaints_about(promises: Iterable[Promise], collected: set[str], faults: Iterable[str]) -> list[str]:
    """What is missing: proofs, planted bugs, the tests that they name among those that were collected."""
    complaints = []
    functions = {test.partition("[")[0] for test in collected}
    for promise, _, proofs, planted, controls in promises:
        if not proofs or not planted or not controls:
            complaints.append(f"{promise}: it needs a test that proves it, a planted bug, and the test that catches it")
        complaints += [f"{promise}: no test {test}" for test in (*proofs, *controls) if test not in functions]
        for fault in planted:
            if fault not in faults:
                complaints.append(f"{promise}: no careless build {fault}")
            runs = [test.partition("[")[2] for test in collected if test.partition("[")[0] in controls]
            if not any(fault in run for run in runs):
                complaints.append(f"{promise}: none of its tests is run on the careless build {fault}")
    used = {fault for promise in promises for fault in promise.faults}
    return complaints + [f"{fault} is a careless build that breaks no promise" for fault in faults if fault not in used]


def _collected(tests: Iterable[str]) -> set[str]:
    """Those of the given tests that pytest finds, each with its parameters."""
    files = sorted({test.partition("::")[0] for test in tests})
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "long or not long", *files]
    found = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True, timeout=50)
    return {line for line in found.stdout.splitlines() if "::" in line}


@pytest.mark.long  # make check runs it as well
def test_every_promise_is_proved_and_its_proof_can_fail():
    promises = promises_of(PAGE.read_text("utf-8"))
    assert len(promises) >= 9
    collected = _collected(test for promise in promises for test in (*promise.proofs, *promise.controls))
    assert complaints_about(promises, collected, FAULTS) == []


SOUND: Final = Promise("p", "", ("t.py::test_a",), ("broken",), ("t.py::test_b",))
COLLECTED: Final = {"t.py::test_a", "t.py::test_b[broken-x]"}


def test_a_page_with_proofs_and_planted_bugs_passes():
    page = "|Promise|Means|Proof|Bug|Caught|\n|---|---|---|---|---|\n|p||`t.py::test_a`|`broken`: so|`t.py::test_b`|\n"
    assert promises_of(page) == [SOUND]
    assert complaints_about([SOUND], COLLECTED, ["broken"]) == []


@pytest.mark.parametrize(
    ("row", "collected", "faults", "complaint"),
    [
        (SOUND._replace(proofs=()), COLLECTED, ["broken"], "it needs a test"),
        (SOUND._replace(faults=(), controls=()), COLLECTED, [], "it needs a test"),
        (SOUND, COLLECTED - {"t.py::test_a"}, ["broken"], "no test t.py::test_a"),
        (SOUND._replace(proofs=("t.py::test_gone",)), COLLECTED, ["broken"], "no test t.py::test_gone"),
        (SOUND, COLLECTED, [], "no careless build broken"),
        (SOUND, {"t.py::test_a", "t.py::test_b"}, ["broken"], "none of its tests is run"),
        (SOUND, COLLECTED, ["broken", "idle"], "idle is a careless build"),
    ],
)
def test_a_row_that_lacks_something_is_found(row: Promise, collected: set[str], faults: list[str], complaint: str):
    complaints = complaints_about([row], collected, faults)
    assert len(complaints) == 1
    assert complaint in complaints[0]
