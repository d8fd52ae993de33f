"""Killed, stopped, started again: every event that was acknowledged is there, exactly once."""

import signal
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from tests.acceptance.look import assert_gapless, assert_kept, log_rows, view_rows
from tests.acceptance.refold import fresh_fold
from tests.acceptance.writers import Writer, Writing
from tests.conftest import Serve
from tests.serving import Serving


def _writers(server: Serving) -> list[Writer]:
    """Four writers, two to a session."""
    sessions = [server.session(), server.session()]
    return [Writer(f"writer-{n}", sessions[n % 2]) for n in range(4)]


def _kill_again_and_again(server: Serving, elsewhere: Path, rounds: int, seconds: tuple[float, float]) -> None:
    chance = Random(7)
    writers = _writers(server)
    for _ in range(rounds):
        acknowledged = [len(writer.acknowledged) for writer in writers]
        writing = Writing(writers, server.port)
        while any(len(writer.acknowledged) == before for writer, before in zip(writers, acknowledged, strict=True)):
            sleep(0.01)
        sleep(chance.uniform(*seconds))
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        writing.end()
        server.start()
    writing = Writing(writers, server.port)
    sleep(0.2)
    writing.end()
    for writer in writers:
        shown = server.ask("events", sessionId=writer.session_id, numItems=1)["page"]
        assert shown, "the views have caught up"
    assert server.stop() == 0
    rows = log_rows(server.directory)
    assert_gapless(rows)
    for writer in writers:
        assert_kept(writer, rows)
    assert sum(len(writer.acknowledged) for writer in writers) == len(rows) - 2, (
        "asked again, each was answered in the end"
    )
    assert view_rows(server.directory) == fresh_fold(server.directory, elsewhere)


def test_killed_while_writing_it_keeps_what_it_acknowledged(serve: Serve, tmp_path: Path):
    _kill_again_and_again(serve(), tmp_path / "fresh", rounds=2, seconds=(0.2, 0.5))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_killed_forty_times_it_keeps_what_it_acknowledged(serve: Serve, tmp_path: Path):
    _kill_again_and_again(serve(), tmp_path / "fresh", rounds=40, seconds=(0.05, 1.5))


def test_stopped_while_writing_it_ends_soon_and_well(serve: Serve):
    server = serve()
    writers = _writers(server)
    writing = Writing(writers, server.port)
    sleep(0.5)
    before = monotonic()
    assert server.stop() == 0
    assert monotonic() - before < 3
    writing.end()
    assert server.log() == ""
    assert min(len(writer.acknowledged) for writer in writers) > 0
    rows = log_rows(server.directory)
    assert_gapless(rows)
    for writer in writers:
        assert_kept(writer, rows)


def test_a_lost_or_repeated_event_is_found_out(serving: Serving):
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
