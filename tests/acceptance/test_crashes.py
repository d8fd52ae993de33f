"""Killed, stopped, started again: every event that was acknowledged is there, exactly once."""

import signal
from contextlib import closing
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from ledger import bootstrap
from ledger.application.verify import verify
from ledger.domain.vocabulary import Vocabulary
from tests.acceptance.look import assert_gapless, assert_kept, assert_sent, log_rows, view_rows
from tests.acceptance.mortal import Mortal
from tests.acceptance.refold import catch_up, fresh_fold
from tests.acceptance.wire import Line, request
from tests.acceptance.writers import Writer, Writing
from tests.shared import Serve


def _session(port: int, key: str) -> str:
    """The Id of a session that is started, or was."""
    line = Line(port)
    answer = line.ask(request("session/start", {"sessionType": "music_demo"}, key=key))
    line.close()
    return str(answer.body["result"])


def _writers(port: int) -> list[Writer]:
    """Four writers, two to a session."""
    return [Writer(f"writer-{n}", _session(port, f"session-{n % 2}")) for n in range(4)]


def _kill_again_and_again(mortal: Mortal, rounds: int, seconds: float) -> list[Writer]:
    """Kill a server at random moments while it starts or is written to, so often at least, and for so long.

    All that was asked is answered in the end.
    """
    chance, killed, end = Random(rounds), 0, monotonic() + seconds
    mortal.begin()
    port = mortal.port()
    writers = _writers(port)
    while killed < rounds or monotonic() < end:
        killed += 1
        writing = Writing(writers, port)
        sleep(chance.uniform(0, 0.2))
        assert mortal.end(signal.SIGKILL) == -signal.SIGKILL
        writing.end()
        mortal.begin()
        if chance.random() < 0.2:
            sleep(chance.uniform(0, 0.03))
            mortal.end(signal.SIGKILL)
            mortal.begin()
        port = mortal.port()
    writing = Writing(writers, port)
    sleep(0.1)
    writing.end()
    assert mortal.end(signal.SIGTERM) == 0
    return writers


def _assert_nothing_was_lost(directory: Path, writers: list[Writer]) -> None:
    """Nothing lost, doubled, out of order, or there that nobody sent; and the views are a fold of it."""
    with bootstrap.open_for_writing(directory, Vocabulary()) as ledger:
        catch_up(ledger)
    rows = log_rows(directory)
    assert_gapless(rows)
    for writer in writers:
        assert_kept(writer, rows)
    assert_sent(writers, rows)
    assert sum(len(writer.acknowledged) for writer in writers) == len(rows) - 2
    assert view_rows(directory) == fresh_fold(directory, directory / "fresh")
    assert verify(directory / bootstrap.LOG_FILE, directory / bootstrap.VIEWS_FILE).faults == []


def _kill_and_look(directory: Path, rounds: int, seconds: float = 0, **environment: str) -> list[Writer]:
    with closing(Mortal(directory, **environment)) as mortal:
        writers = _kill_again_and_again(mortal, rounds, seconds)
    _assert_nothing_was_lost(directory, writers)
    return writers


@pytest.mark.parametrize(
    ("rounds", "seconds"), [(4, 0), pytest.param(200, 120, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_killed_while_writing_it_keeps_what_it_acknowledged(tmp_path: Path, rounds: int, seconds: float):
    writers = _kill_and_look(tmp_path / "ledger", rounds, seconds)
    assert min(len(writer.acknowledged) for writer in writers) > rounds


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        # The simulation finds both in every quick run; here it takes many kills.
        pytest.param("acknowledged-early", "lost, repeated or out of order", marks=pytest.mark.long),
        pytest.param("checkpoint-apart", "UNIQUE constraint failed", marks=pytest.mark.long),
    ],
)
def test_a_careless_server_is_found_out_when_it_is_killed(tmp_path: Path, fault: str, complaint: str):
    def kill_until_found_out() -> None:
        for attempt in range(10):
            _kill_and_look(tmp_path / f"{attempt}", rounds=4, CARELESS=fault)

    with pytest.raises(AssertionError, match=complaint):
        kill_until_found_out()


def test_stopped_while_writing_it_ends_soon_and_well(serve: Serve):
    server = serve()
    writers = _writers(server.port)
    writing = Writing(writers, server.port)
    sleep(0.5)
    before = monotonic()
    assert server.stop() == 0
    assert monotonic() - before < 4.5, "uvicorn waits for five seconds where it must"
    writing.end()
    assert server.log() == ""
    assert min(len(writer.acknowledged) for writer in writers) > 0
    rows = log_rows(server.directory)
    assert_gapless(rows)
    for writer in writers:
        assert_kept(writer, rows)


def test_a_lost_or_repeated_event_is_found_out(serve: Serve):
    serving = serve()
    writer = Writer("w", serving.session())
    writing = Writing([writer], serving.port)
    sleep(0.2)
    writing.end()
    rows = [row for row in log_rows(serving.directory) if row.partition == writer.session_id]
    assert_kept(writer, rows)
    place = next(index for index, row in enumerate(rows) if row.body.get("metadata", {}).get("number") == 3)
    for broken in (rows[:place] + rows[place + 1 :], [*rows, rows[place]], [*rows[:place], *rows[: place - 1 : -1]]):
        with pytest.raises(AssertionError, match="lost, repeated or out of order"):
            assert_kept(writer, broken)
    with pytest.raises(AssertionError, match="was acknowledged as"):
        assert_kept(writer, [row._replace(sequence=row.sequence + 1) for row in rows])
    with pytest.raises(AssertionError):
        assert_gapless(rows[:2] + rows[3:])


def test_an_event_that_nobody_sent_is_found_out(serve: Serve):
    serving = serve()
    writer = Writer("w", serving.session())
    writing = Writing([writer], serving.port)
    sleep(0.1)
    writing.end()
    rows = [row for row in log_rows(serving.directory) if row.partition == writer.session_id]
    assert_sent([writer], rows)
    stranger, unsent = rows[-1].body | {"metadata": {}}, rows[-1].body | {"metadata": {"writer": "w", "number": 10**6}}
    for body in (stranger, unsent, rows[-1].body | {"reason": "changed"}):
        with pytest.raises(AssertionError, match="nobody sent"):
            assert_sent([writer], [*rows, rows[-1]._replace(body=body)])
