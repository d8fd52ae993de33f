"""``ledger status``."""

from pathlib import Path

from ledger.cli.embedded import writable
from ledger.domain.vocabulary import Vocabulary
from tests.cli.terminal import Studio, done


def test_a_folder_says_who_has_it_open(studio: Studio):
    told = done("status", "--json", "--data", studio.directory).answer
    assert told["heldBy"]["pid"]
    assert told["sessions"] == 2
    assert (told["lag"], told["lagMs"], told["backlog"], told["halted"]) == (0, 0, [0], None)
    assert told["files"]["log.sqlite"] > 0
    assert "open for writing" in done("status", "--data", studio.directory).out


def test_nobody_has_it_open(tmp_path: Path):
    with writable(tmp_path, Vocabulary()):
        pass
    told = done("status", "--json", "--data", tmp_path).answer
    assert told["heldBy"] is None
    assert told["sessions"] == 0
    assert "nobody" in done("status", "--data", tmp_path).out


def test_a_server_that_has_it_open_is_named(tmp_path: Path):
    with writable(tmp_path, Vocabulary(), "http://127.0.0.1:8123"):
        assert "serving http://127.0.0.1:8123" in done("status", "--data", tmp_path).out
