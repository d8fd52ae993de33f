"""``ledger import atem``: all of a recording, once, or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.cli import import_atem
from ledger.cli.door import Door
from tests.cli.terminal import done, run
from tests.serving import ROOT

REAL = ROOT.parent / "shared" / "data" / "atem" / "sample.drp"
HEADER = {
    "masterTimecode": "10:00:00:00",
    "videoMode": "1080p25",
    "sources": [{"_index_": n, "name": f"Camera {n}", "type": "Video", "file": f"CAM {n}.mp4"} for n in (1, 2)],
    "mixEffectBlocks": [{"source": 1, "_index_": 0}],
}


def change(timecode: str, **block: Any) -> dict[str, Any]:
    return {"masterTimecode": timecode, "mixEffectBlocks": [{**block, "_index_": 0}]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    lines = [
        HEADER,
        change("10:00:04:00", source=2),
        change("10:00:09:12", source=1),
        change("10:00:20:00", onAir=False),
    ]
    path = tmp_path / "Show.drp"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_the_id_is_alone_on_stdout(project: Path, tmp_path: Path):
    place = ("--data", tmp_path / "ledger")
    said = done("import", "atem", project, "--date", "2026-03-14", *place)
    assert "2 cameras, 2 cuts" in said.err
    log = done("cut-log", said.out.strip(), "--json", *place).answer
    assert [(shot["cameraId"], shot["recordInFrame"]) for shot in log["frames"]] == [
        ("cam-1", 0),
        ("cam-2", 100),
        ("cam-1", 237),
    ]
    assert log["provisional"] is False


def test_again_adds_nothing(project: Path, tmp_path: Path):
    place = ("--data", tmp_path / "ledger")
    first = done("import", "atem", project, "--date", "2026-03-14", *place)
    position = done("status", "--json", *place).answer["position"]
    assert done("import", "atem", project, "--date", "2026-03-14", *place).out == first.out
    assert done("status", "--json", *place).answer["position"] == position
    assert done("import", "atem", project, "--date", "2026-03-15", *place).out != first.out


def test_after_a_crash_it_adds_what_is_missing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Crash(Exception):
        pass

    def crashing(door: Door, recording: Any, name: str) -> str:
        class Half:
            def tell(self, function: str, arguments: dict[str, Any], key: str) -> Any:
                if function == "production:appendDirectorEventsBatch":
                    raise Crash
                return door.tell(function, arguments, key)

        return whole(Half(), recording, name)  # type: ignore[arg-type]  # tells, and is never asked

    whole = import_atem.record
    command = ("import", "atem", project, "--date", "2026-03-14", "--data", tmp_path / "crashed")
    with monkeypatch.context() as broken:
        broken.setattr(import_atem, "record", crashing)
        with pytest.raises(Crash):
            run(*command)
    session_id = done(*command).out.strip()
    undisturbed = done("import", "atem", project, "--date", "2026-03-14", "--data", tmp_path / "whole").out.strip()
    logs = [done("cut-log", session_id, "--json", "--data", tmp_path / name).answer for name in ("crashed", "whole")]
    assert session_id == undisturbed
    assert logs[0] == logs[1]


def test_a_bad_file_records_nothing(project: Path, tmp_path: Path):
    project.write_text(project.read_text() + "\n{")
    said = run("import", "atem", project, "--date", "2026-03-14", "--data", tmp_path / "ledger")
    assert (said.status, said.out) == (1, "")
    assert "Show.drp: line 5" in said.err
    assert not (tmp_path / "ledger").exists()


def test_a_file_that_is_larger_than_the_memory_is_refused(tmp_path: Path):
    film = tmp_path / "Film.mov"
    with film.open("wb") as sparse:
        sparse.truncate(1 << 42)
    said = run("import", "atem", film, "--date", "2026-03-14", "--data", tmp_path / "ledger")
    assert (said.status, said.out) == (1, "")
    assert "Film.mov: file: it is larger than 64 MiB" in said.err
    assert not (tmp_path / "ledger").exists()


def test_wrong_usage(project: Path, tmp_path: Path):
    assert run("import", "atem", project, "--data", tmp_path).status == 2
    assert run("import", "atem", project, "--date", "14.3.2026", "--data", tmp_path).status == 2
    assert run("import", "atem", tmp_path / "none.drp", "--date", "2026-03-14", "--data", tmp_path).status == 2


@pytest.mark.skipif(not REAL.exists(), reason="the real recording is not part of the repository")
def test_a_real_recording_is_the_same_by_folder_and_by_server(serve: Any, tmp_path: Path):
    server = serve()
    places = (("--data", tmp_path / "ledger"), ("--url", server.url))
    ids = [done("import", "atem", REAL, "--date", "2020-05-27", *place).out.strip() for place in places]
    logs = [done("cut-log", ids[0], "--json", *place).answer for place in places]
    assert ids[0] == ids[1]
    assert logs[0] == logs[1]
    assert len(logs[0]["segments"]) == 68
