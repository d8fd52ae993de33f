"""``ledger backup --files`` and ``ledger restore --files``: the bytes of stored files go along, each once."""

from pathlib import Path

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking
from tests.application.test_files import HELLO, bring, token_of
from tests.cli.terminal import done, run


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    with open_for_writing(tmp_path / "ledger", Vocabulary()) as opened:
        bring(opened.files, token_of(Asking(opened)))
    return tmp_path / "ledger"


def test_a_ledger_comes_back_with_its_files(ledger: Path, tmp_path: Path):
    files = tmp_path / "files"
    said = done("backup", tmp_path / "one", "--files", files, "--data", ledger)
    assert f"{files}: 1 files copied, {len(HELLO)} B; 0 were there" in said.out
    assert said.err == ""
    with open_for_writing(ledger, Vocabulary()) as opened:
        bring(opened.files, token_of(Asking(opened)), b"more")
    told = done("backup", tmp_path / "two", "--files", files, "--json", "--data", ledger).answer
    assert told["files"] == {"place": str(files), "copied": 1, "copiedBytes": 4, "wereThere": 1, "faults": []}
    assert "filesElsewhere" not in told
    restored = tmp_path / "restored"
    said = run("restore", tmp_path / "two", "--data", restored)
    drilled = run("drill", "--data", restored)
    assert (drilled.status, "its bytes are missing" in drilled.err.replace("\n", " ")) == (1, True)
    done("restore", tmp_path / "two", "--files", files, "--replace", "--data", restored)
    assert "2, 9 bytes" in done("verify", "--files", "--data", restored).out
    assert "2 files, all there" in done("drill", "--data", restored).out


def test_what_is_missing_is_named_and_the_log_is_backed_up_all_the_same(ledger: Path, tmp_path: Path):
    (lost,) = (path for path in (ledger / "files").glob("??/*"))
    lost.unlink()
    said = run("backup", tmp_path / "backup", "--files", tmp_path / "files", "--data", ledger)
    assert said.status == 1
    assert ": its bytes are missing" in said.err
    assert "the bytes of 1 stored files could not be copied; all else was" in said.err.replace("\n", " ")
    done("restore", tmp_path / "backup", "--data", tmp_path / "restored")
