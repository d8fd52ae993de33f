"""``ledger stills``: from a film and markers to still candidates, their pictures and a sheet."""

from pathlib import Path
from typing import Any

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.api.signing import upload_url
from tests.application.asking import Asking
from tests.cli.terminal import T0, done, run
from tests.pictures.filming import FRAME_MS, film, performance
from tests.serving import Serving

PLANTED = (30, 70)
COMPONENTS = {"sharpness", "exposure", "stillness", "laplacianVariance", "clippedShare", "motion"}


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("footage") / "hero.mp4", performance(4, PLANTED))


def shoot(ask: Asking) -> tuple[str, list[str]]:
    """A session that begins with the film, and the markers of its poses: one a little late, one a little early."""
    session_id = ask.start(status="rolling", timestampMs=T0)
    markers = [
        ask.write(
            "markHeroPose",
            sessionId=session_id,
            cameraId=camera,
            timestampMs=T0 + at * FRAME_MS,
            metadata={"pose": "reach"},
        )
        for at, camera in ((33, "hero"), (66, "hero"), (50, "left"), (3_000, "hero"))
    ]
    return session_id, markers


def pictures_of(directory: Path) -> int:
    return len([path for path in (directory / "files").rglob("*") if path.is_file()])


def test_the_planted_moments_become_stills_with_their_markers_and_pictures(tmp_path: Path, footage: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        session_id, markers = shoot(Asking(ledger))
    command = (
        "stills",
        "latest",
        footage,
        "--camera",
        "hero",
        "--per-pose",
        1,
        "--around",
        500,
        "--data",
        tmp_path,
        "--json",
    )
    told = done(*command).answer
    assert told["markers"] == 3
    assert [still["sourceEventId"] for still in told["stills"]] == markers[:2]
    for still, planted in zip(told["stills"], PLANTED, strict=True):
        assert abs(still["timestampMs"] - T0 - planted * FRAME_MS) <= 2 * FRAME_MS
        assert still["metadata"]["components"].keys() == COMPONENTS
        assert (still["poseLabel"], still["cameraId"]) == ("reach", "hero")
    assert pictures_of(tmp_path) == 3, "two stills and their sheet"
    assert done(*command).answer == told, "once more changes nothing"
    assert pictures_of(tmp_path) == 3
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        ask = Asking(ledger)
        assert len(ask.read("listStillCandidates", sessionId=session_id)) == 2
        (sheet,) = ask.read("listProductionAssets", sessionId=session_id)
        assert sheet["metadata"]["stills"] == [still["_id"] for still in told["stills"]]
        file = ledger.files.find(told["stills"][0]["metadata"]["storageId"])
        assert b"".join(ledger.files.read(file, 0, 3)) == b"\xff\xd8\xff", "a JPEG"


def test_a_video_that_the_ledger_keeps_is_taken_by_its_storage_id(tmp_path: Path, footage: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        ask = Asking(ledger)
        session_id, _ = shoot(ask)
        token = ask.write("generate:generateUploadUrl").partition("token=")[2]
        with ledger.files.receiving(token) as receiving:
            receiving.write(footage.read_bytes())
            storage_id = receiving.finish("video/mp4", None)
        asset = {"sessionId": session_id, "assetType": "clip", "path": f"/api/storage/{storage_id}"}
        asset_id = ask.write("createProductionAsset", **asset)
    options = ("--camera", "hero", "--per-pose", 1, "--around", 300, "--data", tmp_path, "--json")
    told = [done("stills", "latest", it, *options).answer for it in (storage_id, asset_id)]
    assert told[0]["stills"][0]["metadata"]["source"]["storageId"] == storage_id
    assert told[1] == told[0], "the same frames by another name are the same stills"
    unknown = run("stills", "latest", "f1m7xy2k40c9ez51s6qpbk1ge", "--data", tmp_path)
    assert (unknown.status, "there is no file" in unknown.err.replace("\n", " ")) == (1, True)


@pytest.mark.long
def test_through_a_server_the_pictures_are_had_from_it(tmp_path: Path, footage: Path):
    serving = Serving(tmp_path)
    session_id = serving.session(status="rolling", timestampMs=T0)
    serving.record("hero-pose", sessionId=session_id, cameraId="hero", timestampMs=T0 + 31 * FRAME_MS)
    metadata = {"startMs": T0, "cameraId": "hero"}
    asset: Any = {"sessionId": session_id, "assetType": "clip", "path": str(footage), "metadata": metadata}
    asset_id = serving.record("asset", **asset)
    for _ in range(2):
        said = done("stills", session_id, asset_id, "--around", 300, "--url", serving.url, COLUMNS="140")
        assert "1 hero poses in the video, of 1 that were marked" in said.err
    (still, *_) = serving.ask("stills", sessionId=session_id)
    assert still["metadata"]["source"]["assetId"] == asset_id
    assert serving.client.get(still["imagePath"]).headers["content-type"] == "image/jpeg"
    stored = serving.client.post(upload_url(serving.client, {}), content=footage.read_bytes()).json()["storageId"]
    said = done("stills", session_id, stored, "--start", T0, "--around", 300, "--url", serving.url, "--json")
    assert said.answer["stills"][0]["_id"] == still["_id"]
    unknown = run("stills", session_id, "f1m7xy2k40c9ez51s6qpbk1ge", "--url", serving.url)
    assert (unknown.status, "there is no file" in unknown.err.replace("\n", " ")) == (1, True)
    sheets = serving.ask("assets", sessionId=session_id, assetType="contact_sheet")
    assert [sheet["source"] for sheet in sheets] == [asset_id]
    serving.stop()


def test_a_video_that_is_not_there_or_is_none_says_so(tmp_path: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        shoot(Asking(ledger))
    said = run("stills", "latest", "nothing.mp4", "--data", tmp_path)
    assert (said.status, said.err.splitlines()[0][:60]) == (
        1,
        "error: nothing.mp4: there is no such file here or in the ledger, nor an asset"[:60],
    )
    (tmp_path / "text.mp4").write_text("no video")
    said = run("stills", "latest", tmp_path / "text.mp4", "--data", tmp_path)
    assert said.status == 1
    assert "is no video that can be read" in said.err.replace("\n", " ")


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ledger.pictures.extras.MODULES", {"video": ("no_such_package",)})
    said = run("stills", "latest", "film.mp4", "--data", tmp_path)
    assert said.status == 1
    assert "pip install 'production-ledger[video]'" in said.err.replace("\n", " ")
