"""What the terminal shows."""

import io

import pytest
from rich.console import Console

from ledger.cli.screens import Warnings, clock, grid, lag, moment, size, time_of_day
from tests.cli.terminal import done
from tests.serving import Serving


@pytest.mark.parametrize(("count", "said"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (2_560_000, "2.6 MB")])
def test_sizes(count: int, said: str):
    assert size(count) == said


def test_times():
    assert clock(0) == "1970-01-01 00:00"
    assert clock(None) == ""
    assert time_of_day(1_500.25) == "00:00:01.500"
    assert moment(1_500.25) == "1970-01-01 00:00:01.500 UTC"


def test_a_time_that_no_calendar_has_is_still_told():
    assert time_of_day(8.64e15) == "8640000000000000.0 ms"


@pytest.mark.parametrize(
    ("ms", "said"),
    [(350, "+0.350 s"), (-1_500, "-1.500 s"), (7_805_000, "+2:10:05"), (-90_000_000, "-1 day, 1:00:00")],
)
def test_differences(ms: float, said: str):
    assert lag(ms) == said


def test_a_cell_is_shown_as_it_is_and_only_a_folding_column_gives_way():
    text = io.StringIO()
    Console(file=text, width=30).print(grid(("id", "why"), [("[bold]x", "a long story about why")], fold=("why",)))
    lines = text.getvalue().splitlines()
    assert lines[2].startswith("[bold]x  a long")
    assert all(len(line) <= 30 for line in lines)


def test_recorded_text_commands_no_terminal(serving: Serving):
    evil = "take\x1b]0;mine\x07\x1b[2J\x9b31m\x7f end"
    session_id = serving.session(title=evil, notes=evil)
    for at in (1, 1_000):
        serving.record("event", sessionId=session_id, timestampMs=at, eventType="cut", cameraId="c", reason=evil)
    serving.record("session/complete", sessionId=session_id, timestampMs=2_000)
    for command in (("sessions", "-n", "10000"), ("tail", session_id, "--no-follow"), ("cut-log", session_id)):
        said = done(*command, "--url", serving.url)
        for text in (said.out, said.err):
            assert not {character for character in text if not character.isprintable()} - {"\n"}
        assert "31m" in said.out, "it is shown, as what it is"


def test_what_answers_lack_is_said_once_and_again_when_it_was_over_meanwhile(capsys: pytest.CaptureFixture[str]):
    warnings = Warnings()
    for parked, stale in (((), True), (["s1"], True), (["s1"], False), ((), False), ((), True)):
        warnings.of_answer(parked, stale=stale)
    said = capsys.readouterr().err.splitlines()
    assert ["behind" in line for line in said] == [True, False, True]
    assert "events of s1, which are parked" in said[1]
