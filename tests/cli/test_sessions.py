"""``ledger sessions``."""

from pathlib import Path

from ledger.cli.embedded import writable
from ledger.domain.vocabulary import Vocabulary
from tests.cli.terminal import Studio, done


def test_newest_first(studio: Studio):
    told = done("sessions", "--json", "--url", studio.url).answer
    assert [session["_id"] for session in told] == [studio.rolling, studio.finished]
    table = done("sessions", "--url", studio.url).out
    assert table.index("Solo") < table.index("Duet")
    assert "2026-03-15 19:30" in table


def test_more_than_the_limit_is_said(studio: Studio):
    said = done("sessions", "--json", "-n", "1", "--url", studio.url)
    assert len(said.answer) == 1
    assert "more than 1" in said.err


def test_none_is_no_failure(tmp_path: Path):
    with writable(tmp_path, Vocabulary()):
        pass
    assert done("sessions", "--data", tmp_path).err == "No sessions.\n"
    assert done("sessions", "--data", tmp_path, "--json").answer == []
