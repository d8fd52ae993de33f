"""``ledger replay``: everything, in the order and at the pace of program time."""

import time

import pytest

from ledger.cli.replay import in_program_order
from tests.cli.terminal import T0, Studio, done, run


def entry(sequence: int, ms: float | None = None) -> dict[str, object]:
    return {"sequence": sequence, "recordedAt": 1_000 + sequence, "body": {} if ms is None else {"timestampMs": ms}}


@pytest.mark.parametrize(
    ("history", "order", "times"),
    [
        ([entry(1, 5), entry(2, 9), entry(3, 7)], [1, 3, 2], [5, 7, 9]),
        ([entry(1), entry(2, 5), entry(3), entry(4, 3)], [4, 1, 2, 3], [3, 5, 5, 5]),
        ([entry(1), entry(2)], [1, 2], [1_001, 1_002]),
        ([], [], []),
    ],
    ids=["late facts at their time", "undated ones after the greatest before", "no program time at all", "nothing"],
)
def test_program_order(history: list[dict[str, object]], order: list[int], times: list[float]):
    replayed = list(in_program_order(history))
    assert [found["sequence"] for _, found in replayed] == order
    assert [ms for ms, _ in replayed] == times


def test_every_entry_is_a_line(studio: Studio):
    lines = done("replay", studio.finished, "--speed", "max", "--url", studio.url).lines
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["type"] == "session-ended.1"
    assert lines[-1]["body"]["timestampMs"] == T0 + 60_000


def test_it_keeps_the_pace(studio: Studio):
    began = time.monotonic()
    done("replay", studio.finished, "--speed", "100", "--url", studio.url)
    assert 0.6 <= time.monotonic() - began < 30


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf"])
def test_a_speed_that_is_none(studio: Studio, speed: str):
    assert run("replay", "latest", f"--speed={speed}", "--url", studio.url).status == 2
