"""``ledger spool``: what waits on a device, and what was refused of it."""

from pathlib import Path

import pytest

from ledger.client import Writer
from tests.cli.terminal import done, run
from tests.serving import Serving


@pytest.fixture
def spool(serving: Serving, tmp_path: Path) -> Path:
    """A spool with two facts that were refused, for their session is not there."""
    with Writer(serving.url, spool=tmp_path / "cam-2") as writer:
        for n in range(2):
            writer.append_director_event("nowhere", "cut", timestamp_ms=n)
        assert writer.flush(10)
    return tmp_path / "cam-2"


def test_what_was_refused_is_shown_with_its_error(spool: Path):
    first, *refused = done("spool", "status", spool).out.splitlines()
    assert first.startswith("cam-2 (spool ")
    assert "0 of 3 facts wait for the ledger" in first
    assert [line.split()[:2] for line in refused] == [["1", "appendDirectorEvent"], ["2", "appendDirectorEvent"]]
    assert "there is no session 'nowhere'" in refused[0]
    told = done("spool", "status", spool, "--json").answer
    assert (told["device"], told["pending"], told["recorded"]) == ("cam-2", 0, 3)
    assert told["aside"][0]["arguments"] == {"timestampMs": 0, "eventType": "cut"}


def test_it_is_sent_once_more_or_given_up(spool: Path):
    assert done("spool", "retry", spool, 2).err == "1 facts will be sent once more\n"
    assert done("spool", "discard", spool).err == "1 facts were given up\n"
    told = done("spool", "status", spool, "--json").answer
    assert (told["pending"], told["aside"]) == (2, []), "the fact and the report of the other"
    said = run("spool", "discard", spool, 9)
    assert (said.status, said.err) == (1, "error: 9 is not among what was set aside\n")


def test_what_waits_is_shown_while_a_writer_has_the_spool(tmp_path: Path):
    with Writer("http://127.0.0.1:9", spool=tmp_path / "cam-2") as writer:
        for _ in range(3):
            writer.append_director_event("s", "cut")
        told = done("spool", "status", tmp_path / "cam-2", "--json").answer
        assert (told["pending"], told["recorded"]) == (3, 3)
        writer.append_director_event("s", "cut")
        writer.close(timeout=0)


def test_a_spool_that_a_writer_has_or_that_is_none_is_left_alone(serving: Serving, tmp_path: Path):
    assert "there is no spool in" in run("spool", "status", tmp_path / "none").err
    assert not (tmp_path / "none").exists()
    with Writer(serving.url, spool=tmp_path / "cam-2"):
        said = run("spool", "retry", tmp_path / "cam-2")
        assert said.status == 1
        assert "is in use by process" in said.err
