"""``ledger correct``: put right, with the original kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import done, run
from tests.conftest import Serve
from tests.serving import Serving


@pytest.fixture
def server(serve: Serve) -> Serving:
    """A server with one shoot, whose only cut stands at sequence 2."""
    server = serve()
    session_id = server.session(status="rolling", timestampMs=0)
    cut = {"timestampMs": 1_000, "eventType": "cut", "cameraId": "a", "score": 0.5}
    server.record("event", sessionId=session_id, **cut)
    return server


def events(*options: object) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = done("as-of", "latest", "--json", *options).answer["directorEvents"]
    return shown


def test_a_correction_counts_from_where_it_was_recorded_and_the_original_stays(server: Serving):
    through = ("--url", server.url)
    wanted = ("--camera", "b", "--at-ms", "1970-01-01T00:00:02Z", "--unset", "score", "--actor", "ann")
    said = done("correct", "latest", "2", "--reason", "the button stuck", *wanted, *through)
    (now,) = events(*through)
    assert said.out == now["correctedBy"] + "\n"
    assert said.err.startswith("At 00:00:02.000 the director cut to b.\n")
    assert (now["cameraId"], now["timestampMs"], "score" in now) == ("b", 2_000, False)
    (before,) = events("--at", "2", *through)
    assert (before["cameraId"], before["timestampMs"], before["score"]) == ("a", 1_000, 0.5)
    first, second = done("history", "latest", "--about", "2", "--json", *through).lines
    assert (first["body"]["cameraId"], first["correctedBy"]) == ("a", now["correctedBy"])
    assert (second["actor"], second["body"]["reason"]) == ("ann", "the button stuck")
    (segment,) = done("cut-log", "latest", "--json", *through).answer["segments"][1:]
    assert segment["cameraId"] == "b"


def test_voiding_takes_it_out_of_the_program(server: Serving):
    through = ("--url", server.url)
    told = done("correct", "latest", "2", "--reason", "a slip", "--void", "--json", *through).answer
    assert told["void"] is True
    assert events(*through) == []


def test_the_other_fields_can_be_put_right_too(server: Serving):
    wanted = ("--type", "hold", "--score", "0.9", "--event-reason", "look", "--metadata", '{"holdId": "h"}')
    told = done("correct", "latest", "2", "--reason", "x", *wanted, "--json", "--url", server.url).answer
    assert (told["eventType"], told["score"], told["reason"], told["metadata"]) == (
        "hold",
        0.9,
        "look",
        {"holdId": "h"},
    )


def test_a_folder_that_nobody_serves_can_be_corrected_as_well(server: Serving):
    server.stop()
    done("correct", "latest", "2", "--reason", "x", "--camera", "b", "--data", server.directory)
    assert [event["cameraId"] for event in events("--data", server.directory)] == ["b"]


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


def test_what_the_domain_refuses_is_told_and_nothing_is_recorded(server: Serving):
    through = ("--url", server.url)
    for event, change in (("1", ("--void",)), ("2", ("--type", "explosion")), ("2", ("--unset", "timestampMs"))):
        said = run("correct", "latest", event, "--reason", "x", *change, *through)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("error: ")
    assert len(done("history", "latest", "--json", *through).lines) == 2
