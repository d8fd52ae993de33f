"""``ledger correct``: put right, with the original kept."""

from pathlib import Path
from typing import Any

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking
from tests.cli.terminal import done, run
from tests.serving import Serving


@pytest.fixture
def shoot(serving: Serving) -> str:
    """A shoot whose only cut stands at sequence 2."""
    session_id = serving.session(status="rolling", timestampMs=0)
    cut = {"timestampMs": 1_000, "eventType": "cut", "cameraId": "a", "score": 0.5}
    serving.record("event", sessionId=session_id, **cut)
    return session_id


def events(shoot: str, *options: object) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = done("as-of", shoot, "--json", *options).answer["directorEvents"]
    return shown


def test_a_correction_counts_from_where_it_was_recorded_and_the_original_stays(serving: Serving, shoot: str):
    through = ("--url", serving.url)
    wanted = ("--camera", "b", "--at-ms", "1970-01-01T00:00:02Z", "--unset", "score", "--actor", "ann")
    said = done("correct", shoot, "2", "--reason", "the button stuck", *wanted, *through)
    (now,) = events(shoot, *through)
    assert said.out == now["correctedBy"] + "\n"
    assert said.err.startswith("At 00:00:02.000 the director cut to b.\n")
    assert (now["cameraId"], now["timestampMs"], "score" in now) == ("b", 2_000, False)
    (before,) = events(shoot, "--at", "2", *through)
    assert (before["cameraId"], before["timestampMs"], before["score"]) == ("a", 1_000, 0.5)
    first, second = done("history", shoot, "--about", "2", "--json", *through).lines
    assert (first["body"]["cameraId"], first["correctedBy"]) == ("a", now["correctedBy"])
    assert (second["actor"], second["body"]["reason"]) == ("ann", "the button stuck")
    (segment,) = done("cut-log", shoot, "--json", *through).answer["segments"][1:]
    assert segment["cameraId"] == "b"


def test_voiding_takes_it_out_of_the_program(serving: Serving, shoot: str):
    through = ("--url", serving.url)
    told = done("correct", shoot, "2", "--reason", "a slip", "--void", "--json", *through).answer
    assert told["void"] is True
    assert events(shoot, *through) == []


def test_the_other_fields_can_be_put_right_too(serving: Serving, shoot: str):
    wanted = ("--type", "hold", "--score", "0.9", "--event-reason", "look", "--metadata", '{"holdId": "h"}')
    told = done("correct", shoot, "2", "--reason", "x", *wanted, "--json", "--url", serving.url).answer
    assert (told["eventType"], told["score"], told["reason"], told["metadata"]) == (
        "hold",
        0.9,
        "look",
        {"holdId": "h"},
    )


def test_a_folder_that_nobody_serves_can_be_corrected_as_well(tmp_path: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        ask = Asking(ledger)
        ask.cut(ask.start(), 1_000, cameraId="a")
    done("correct", "latest", "2", "--reason", "x", "--camera", "b", "--data", tmp_path)
    assert [event["cameraId"] for event in events("latest", "--data", tmp_path)] == ["b"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--reason", "x"),
        ("--void",),
        ("--reason", "x", "--at-ms", "soon"),
        ("--reason", "x", "--metadata", "{"),
    ],
    ids=" ".join,
)
def test_wrong_usage(tmp_path: Path, wrong: tuple[str, ...]):
    assert run("correct", "latest", "2", *wrong, "--data", tmp_path).status == 2


def test_what_the_domain_refuses_is_told_and_nothing_is_recorded(serving: Serving, shoot: str):
    through = ("--url", serving.url)
    for event, change in (("1", ("--void",)), ("2", ("--type", "explosion")), ("2", ("--unset", "timestampMs"))):
        said = run("correct", shoot, event, "--reason", "x", *change, *through)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("error: ")
    assert len(done("history", shoot, "--json", *through).lines) == 2
