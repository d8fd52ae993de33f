"""``ledger cut-log``: the program as a table, as JSON, as files."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import opentimelineio
import pytest

from tests.cli.terminal import Studio, done, run


def test_the_table_tells_shots_holds_and_what_was_odd(studio: Studio):
    said = done("cut-log", studio.finished, "--url", studio.url)
    assert "01:00:10:00" in said.out
    assert "same_camera" in said.out
    assert "nobody registered nobody" in said.out
    assert said.err == ""


def test_json_is_the_contracts_answer_with_frames(studio: Studio):
    log = done(
        "cut-log", studio.finished, "--json", "--rate", "50", "--start", "00:00:00:00", "--url", studio.url
    ).answer
    assert [segment["cameraId"] for segment in log["segments"]] == ["wide", "close", "wide", "nobody"]
    assert [shot["recordInFrame"] for shot in log["frames"]] == [0, 500, 1_000, 2_000]
    assert log["frames"][1]["recordIn"] == "00:00:10:00"


def test_as_of_a_sequence_and_of_a_recorded_time(studio: Studio):
    whole = done("cut-log", studio.finished, "--json", "--url", studio.url).answer
    early = done("cut-log", studio.finished, "--json", "--at", "5", "--url", studio.url).answer
    assert (early["sequence"], early["provisional"]) == (5, True)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert done("cut-log", studio.finished, "--json", "--at", soon, "--url", studio.url).answer == whole
    assert run("cut-log", studio.finished, "--at", "2001-01-01", "--url", studio.url).status == 1
    assert run("cut-log", studio.finished, "--at", "yesterday", "--url", studio.url).status == 2


def test_a_file_name_says_the_format(studio: Studio, tmp_path: Path):
    for name in ("cut.edl", "cut.otio", "cut.xml", "cut.csv", "cut.json", "cut.txt"):
        said = done("cut-log", studio.finished, "-o", tmp_path / name, "--url", studio.url)
        assert said.out == ""
        assert said.err == f"wrote {tmp_path / name}\n"
    assert (tmp_path / "cut.edl").read_text().startswith("TITLE: Duet\nFCM: NON-DROP FRAME\n")
    assert len(opentimelineio.adapters.read_from_file(str(tmp_path / "cut.otio")).tracks[0]) == 4
    assert "<xmeml" in (tmp_path / "cut.xml").read_text()
    assert (tmp_path / "cut.csv").read_text().startswith("shot,camera")
    assert json.loads((tmp_path / "cut.json").read_text())["sessionId"] == studio.finished
    assert "same_camera" in (tmp_path / "cut.txt").read_text()


def test_editors_find_the_cameras_own_recording(studio: Studio):
    said = done("cut-log", studio.finished, "--format", "edl", "--url", studio.url)
    assert "* FROM CLIP NAME: Duet CAM 2.mp4" in said.out
    assert "* FROM CLIP NAME: Phone wide" in said.out


def test_what_is_worth_knowing_goes_to_stderr(studio: Studio):
    said = done("cut-log", studio.rolling, "--format", "edl", "--url", studio.url)
    assert "warning: the cut log is provisional" in said.err
    assert "provisional" not in said.out


@pytest.mark.parametrize(
    "wrong", [("--rate", "29.97"), ("--rate", "26"), ("--format", "avi"), ("--json", "--format", "edl")], ids=" ".join
)
def test_wrong_usage(studio: Studio, wrong: tuple[str, ...]):
    assert run("cut-log", "latest", *wrong, "--url", studio.url).status == 2


def test_a_start_that_is_no_timecode_is_refused(studio: Studio):
    said = run("cut-log", "latest", "--start", "1:00", "--url", studio.url)
    assert said.status == 1
    assert "01:00:00:00" in said.err
