"""The examples are run as they are: what they say of themselves is what the ledger has in the end."""

import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from tests.serving import ROOT, Serving


def _run(name: str, *arguments: object) -> str:
    command = [sys.executable, str(ROOT / "examples" / "writers" / f"{name}.py"), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def _events(serving: Serving, session: str) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = serving.ask("events", sessionId=session, numItems=10_000)["page"]
    return page


def test_a_multicam_server_records_sixty_events_a_second(serving: Serving, tmp_path: Path):
    session = _run("multicam", serving.url, tmp_path / "multicam", "--seconds", 1)
    events = _events(serving, session)
    assert [event["eventType"] for event in events] == ["cut", *["camera_priority_change"] * 59]
    seconds = (events[-1]["timestampMs"] - events[0]["timestampMs"]) / 1_000
    assert seconds > 0.8, "at its own pace, by the device's own clock"
    assert serving.ask("session", sessionId=session)["status"] == "complete"


def test_a_music_engine_records_bars_phrases_and_moments(serving: Serving, tmp_path: Path):
    session = serving.session()
    _run("music", serving.url, tmp_path / "music", session, "--bars", 20, "--bar-seconds", 0.01)
    types = [event["eventType"] for event in _events(serving, session)]
    assert (types.count("bar_fire"), types.count("music_phrase_start")) == (20, 3)
    assert [moment["section"] for moment in serving.ask("music-moments", sessionId=session)] == [
        "intro",
        "build",
        "drop",
    ]


def test_a_tally_listener_records_every_change_as_a_cut(serving: Serving, tmp_path: Path):
    session = serving.session()
    with socket.create_server(("127.0.0.1", 0)) as switcher:

        def switch() -> None:
            connection, _ = switcher.accept()
            with connection:
                connection.sendall(b"HELLO\r\nTALLY 1\r\nTALLY 1\r\nTALLY 3\r\nnoise\r\nTALLY 2\r\n")

        switching = Thread(target=switch)
        switching.start()
        address = f"127.0.0.1:{switcher.getsockname()[1]}"
        _run("tally", serving.url, tmp_path / "tally", session, "--switcher", address, "--once")
        switching.join()
    cuts = [(event["eventType"], event["cameraId"]) for event in _events(serving, session)]
    assert cuts == [("cut", "input-1"), ("cut", "input-3"), ("cut", "input-2")]
