"""Which ledger a command works on: an option comes before any variable, a server before the default folder."""

from pathlib import Path

import pytest
import typer

from ledger.cli.door import Place
from ledger.cli.options import place

URL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_DATA", raising=False)
    monkeypatch.delenv("LEDGER_URL", raising=False)


def test_the_default_is_a_folder_here():
    assert place(None, None) == Place(Path("ledger-data"))


def test_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_DATA", "shoots")
    assert place(None, None) == Place(Path("shoots"))
    monkeypatch.setenv("LEDGER_URL", URL)
    assert place(None, None).url == URL


def test_an_option_comes_before_a_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_URL", "http://127.0.0.1:1")
    assert place(Path("here"), None) == Place(Path("here"))
    assert place(None, URL).url == URL


def test_both_are_one_too_many():
    with pytest.raises(typer.BadParameter):
        place(Path("here"), URL)
