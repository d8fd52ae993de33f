"""Which ledger a command works on: an option comes before any variable, a server before the default folder."""

from pathlib import Path

import pytest
import typer

from ledger.cli.door import Place
from ledger.cli.options import place

URL = "http://127.0.0.1:8000"
DATABASE = "postgresql://ledger:secret@db.example/shoots"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_DATA", raising=False)
    monkeypatch.delenv("LEDGER_URL", raising=False)


def test_the_default_is_a_folder_here():
    assert place(None, None, None) == Place(Path("ledger-data"))


def test_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_DATA", "shoots")
    assert place(None, None, None) == Place(Path("shoots"))
    monkeypatch.setenv("LEDGER_URL", URL)
    assert place(None, None, None).url == URL


def test_an_option_comes_before_a_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_URL", "http://127.0.0.1:1")
    assert place(Path("here"), None, None) == Place(Path("here"))
    assert place(None, None, URL).url == URL


def test_more_than_one_are_too_many():
    for given in ((Path("here"), None, URL), (Path("here"), DATABASE, None), (None, DATABASE, URL)):
        with pytest.raises(typer.BadParameter):
            place(*given)


def test_a_server_comes_before_a_database_and_a_database_before_a_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_DATA", "shoots")
    monkeypatch.setenv("LEDGER_DATABASE", DATABASE)
    assert place(None, None, None).database == DATABASE
    assert place(Path("here"), None, None).database is None
    monkeypatch.setenv("LEDGER_URL", URL)
    assert (place(None, None, None).url, place(None, None, None).database) == (URL, None)


def test_a_database_is_told_without_its_password():
    assert str(place(None, DATABASE, None)) == "postgresql://ledger:***@db.example/shoots"
