"""``ledger clocks``: how far each writer's clock is off the server's."""

import pytest

from ledger.cli import clocks
from tests.cli.terminal import Studio, done


def test_every_writer_has_a_line(studio: Studio):
    header, _, line = done("clocks", studio.finished, "--url", studio.url).out.splitlines()
    assert header.split() == [
        *("writer", "facts", "off", "by", "jumps", "stray"),
        "smallest",
        "median",
        "largest",
        "latest",
    ]
    assert line.startswith("anonymous      9  cannot tell      0  ")


def test_json_is_the_contracts_answer(studio: Studio):
    (told,) = done("clocks", studio.finished, "--json", "--jump", "500", "--url", studio.url).answer
    assert (told["actor"], told["factCount"]) == ("anonymous", 9)


def test_a_jump_is_told_with_its_entry(capsys: pytest.CaptureFixture[str]):
    writer = {"actor": "pose", "factCount": 6, "deliveryCount": 6, "strayCount": 0, "estimateMs": 5_020}
    writer |= {"minMs": 10, "medianMs": 20, "maxMs": 5_040, "latestMs": 5_030}
    jump = {"sequence": 34, "recordedAt": 1_773_516_600_000, "fromMs": 10, "toMs": 5_020}
    clocks.show([writer | {"jumps": [jump]}])
    shown = capsys.readouterr().out
    assert "pose        6  +5.020 s      1  0 of 6" in shown
    assert "pose's clock jumped at entry 34, recorded 2026-03-14 19:30:00.000 UTC: from +0.010 s to +5.020 s" in shown
