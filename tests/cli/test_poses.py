"""``ledger poses``: what a session's stills come to."""

from pathlib import Path

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking
from tests.cli.terminal import T0, done, run


@pytest.fixture
def shoot(tmp_path: Path) -> str:
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        ask = Asking(ledger)
        session_id = ask.start()
        about = {"sessionId": session_id}
        ask.write("appendDirectorEvent", **about, timestampMs=T0, eventType="bar_fire", metadata={"bar": 12})
        for at, camera, score in ((T0 + 100, "hero", 0.7), (T0 + 1_350, "hero", 0.8), (T0 + 90_000, "left", 0.5)):
            ask.write(
                "createStillCandidate", **about, cameraId=camera, timestampMs=at, score=score, poseLabel="arabesque"
            )
        ask.write("updateStillCandidate", stillCandidateId=f"{session_id}-k3", isFavorite=True)
    return session_id


def test_every_window_is_a_line_with_its_winner(tmp_path: Path, shoot: str):
    _, _, first, second = done("poses", "latest", "--data", tmp_path, COLUMNS="140").out.splitlines()
    words = ["19:30:00.100", "1.25", "s", "hero", "arabesque", "2", f"{shoot}-k3", "favourite", "0.7", "12"]
    assert first.split() == words
    assert second.split()[3:6] == ["left", "arabesque", "1"]


def test_json_is_the_contracts_answer(tmp_path: Path, shoot: str):
    only = ("--camera", "hero", "--gap", "1000", "--json")
    windows = done("poses", shoot, *only, "--data", tmp_path).answer
    assert [window["stillIds"] for window in windows] == [[f"{shoot}-k3"], [f"{shoot}-k4"]]


def test_without_stills_there_are_none(tmp_path: Path, shoot: str):
    said = run("poses", shoot, "--camera", "nobody", "--data", tmp_path)
    assert (said.status, said.out, said.err) == (0, "", "No stills, so no pose windows.\n")
