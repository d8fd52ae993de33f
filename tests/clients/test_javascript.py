"""npm `convex` as it comes, on a real server."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from ledger.api.server import bind
from tests.clients.node import installed, run
from tests.serving import Serving

pytestmark = pytest.mark.long


@pytest.mark.parametrize("script", ["speaking.test.mjs", "hooks.test.mjs"])
def test_its_clients_and_hooks_run_unchanged(serving: Serving, script: str):
    said = run("--test", "--test-reporter=tap", script, LEDGER_TEST_URL=serving.url)
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_mutations_in_flight_survive_the_servers_death_each_once_and_in_order(tmp_path: Path):
    with bind("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    server = Serving(tmp_path / "ledger", PORT=port)
    session_id = server.session()
    command = ["node", "in_flight.mjs", server.url, session_id, "400"]
    with subprocess.Popen(command, cwd=installed(), stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "under way\n"
        server.restart(signal.SIGKILL)
        told = json.loads(client.stdout.readline())
    history = server.ask("session/history", sessionId=session_id, numItems=1_000)["page"][1:]
    assert [line["body"]["timestampMs"] for line in history] == list(range(400))
    assert [line["entityId"] for line in history] == told["ids"]
    assert told["shown"] == sorted(told["shown"]), "what is shown never goes back"
    server.stop()
