"""npm `convex` as it comes, on a real server."""

import json
import signal
import subprocess
from pathlib import Path
from time import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.api.server import bind
from tests.api.locked import Locked
from tests.clients.node import installed, run
from tests.serving import Serving
from tests.shared import Serve
from tests.workers.gpu import Gpu

pytestmark = pytest.mark.long


def passes(script: str, server: Serving, **environment: str) -> None:
    said = run("--test", "--test-reporter=tap", script, LEDGER_TEST_URL=server.url, **environment)
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_its_clients_run_unchanged(serving: Serving):
    passes("speaking.test.mjs", serving)


def test_reacts_hooks_run_unchanged_actions_with_a_worker_behind_them_too(serve: Serve):
    worker = Gpu()
    try:
        passes("hooks.test.mjs", serve(LEDGER_VIDEO_WORKER_URL=worker.url))
        assert worker.given.get(timeout=60).video_id
    finally:
        worker.stop()


def test_keys_and_tokens_are_shown_as_pages_show_them(serve: Serve):
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    keyless = serve()
    key = Locked(keyless).key("page", "read", "write:sessions")["Authorization"].removeprefix("Bearer ")
    keyless.stop()
    server = Serving(keyless.directory, LEDGER_JWT_KEY=pem, LEDGER_JWT_SCOPES="read,write:sessions")
    now = int(time())
    token = jwt.encode({"sub": "ann", "iat": now, "exp": now + 600}, private, "ES256")
    try:
        passes("auth.test.mjs", server, LEDGER_TEST_KEY=key, LEDGER_TEST_TOKEN=token)
    finally:
        server.stop()


def test_who_finds_no_room_comes_back(serve: Serve):
    passes("crowded.test.mjs", serve(LEDGER_LIVE_CONNECTIONS_MAX="1"))


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
