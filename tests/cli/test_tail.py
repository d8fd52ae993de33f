"""``ledger tail``: the newest entries, and what comes."""

import os
import signal
from pathlib import Path

import pytest

from tests.cli.terminal import Studio, done
from tests.forked import Forked
from tests.serving import Serving
from tests.shared import Serve


def test_without_a_session_the_one_that_goes_on(studio: Studio):
    assert studio.rolling in done("tail", "--no-follow", "--url", studio.url).err


def test_as_many_lines_as_wanted(studio: Studio):
    lines = done("tail", studio.finished, "--no-follow", "--json", "-n", "2", "--url", studio.url).lines
    assert [line["type"] for line in lines] == ["music-moment-recorded.1", "session-ended.1"]
    assert done("tail", studio.finished, "--no-follow", "-n", "0", "--url", studio.url).out == ""


@pytest.mark.parametrize("by", ["--data", pytest.param("--url", marks=pytest.mark.long)])
def test_it_follows_until_it_is_interrupted(serve: Serve, tmp_path: Path, by: str):
    server: Serving = serve()
    session_id = server.session()
    place = str(server.directory) if by == "--data" else server.url
    command = ["tail", session_id, "--json", by, place]
    following = Forked("ledger.cli", command, folder=tmp_path, environment=os.environ, log=tmp_path / "tail.log")
    with following.stdout as said:
        assert '"sequence":1,' in said.readline()
        server.record("event", sessionId=session_id, timestampMs=5, eventType="cut", cameraId="a")
        assert '"sequence":2,' in said.readline()
        server.record("session/complete", sessionId=session_id)
        assert '"sequence":3,' in said.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(60) == 0
