"""How commands fail: one line, and a status that says which kind it was."""

import signal
from pathlib import Path

import pytest

from ledger.cli.failures import remembering_ctrl_c
from tests.cli.terminal import Studio, run


def test_a_refusal_is_one_line_on_stderr(tmp_path: Path):
    said = run("sessions", "--data", tmp_path / "none")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("error: there is no ledger in ")
    assert said.err.count("\n") == 1


def test_wrong_usage_is_2():
    assert run("sessions", "--sideways").status == 2
    assert run("sessions", "--data", "a", "--url", "http://b").status == 2


def test_a_setting_that_cannot_be_read(tmp_path: Path):
    said = run("sessions", "--data", tmp_path, LEDGER_BODY_BYTES_MAX="many")
    assert said.status == 1
    assert "LEDGER_BODY_BYTES_MAX" in said.err


def test_a_file_that_cannot_be_written_is_named(studio: Studio, tmp_path: Path):
    said = run("cut-log", "latest", "--url", studio.url, "-o", tmp_path / "none" / "cut.edl")
    assert said.status == 1
    assert "error: " in said.err
    assert "cut.edl: No such file or directory" in said.err


def test_what_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def broken(*_: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("ledger.cli.sessions.place", broken)
    with pytest.raises(ValueError, match="ours"):
        run("sessions", "--data", tmp_path)


class Finalized:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_is_remembered_where_a_finalizer_drops_it():
    usual = signal.getsignal(signal.SIGINT)
    with remembering_ctrl_c() as is_over:
        assert not is_over()
        Finalized()
        assert is_over()
    assert signal.getsignal(signal.SIGINT) is usual
    with pytest.raises(KeyboardInterrupt), remembering_ctrl_c():
        signal.raise_signal(signal.SIGINT)
