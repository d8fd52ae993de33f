"""How the server starts and ends, as a process, and what it does meanwhile."""

import gc
import signal
import socket
from time import monotonic

import pytest
import uvicorn

from ledger.api.server import LedgerServer, bind
from ledger.log import garbage
from tests.shared import Serve


# Ctrl-C on the command itself is tried in tests/cli/test_serve.py.
@pytest.mark.parametrize("signal_number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_signal_ends_it_well(serve: Serve, signal_number: int):
    server = serve()
    session_id = server.session()
    before = monotonic()
    assert server.stop(signal_number) == 0
    assert monotonic() - before < 4.5, "uvicorn waits for five seconds where it must"
    assert server.log() == ""
    server.start()
    assert server.ask("session", sessionId=session_id)["_id"] == session_id


def test_it_comes_back_with_the_same_answers_and_tokens(serve: Serve):
    server = serve()
    session_id = server.session()
    written = server.post("event", {"sessionId": session_id, "timestampMs": 1, "eventType": "cut"})
    before = server.ask("session/timeline", sessionId=session_id)
    server.restart()
    token = written.headers["Ledger-Position"]
    after = server.get("session/timeline", {"Ledger-At-Least": token}, sessionId=session_id)
    assert after.json()["result"] == before
    assert after.headers["Ledger-Position"] == token


def test_an_address_that_is_taken_is_an_error_at_once():
    with bind("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(("new", "is_looked_at"), [(400, False), (2_000, True), (20_000, False)])
def test_new_objects_are_looked_at_a_few_at_a_time(new: int, is_looked_at: bool):
    server = LedgerServer(uvicorn.Config(lambda _: None), lambda: None, lambda: None)
    with garbage.paused():
        gc.collect(0)
        kept = [[number] for number in range(new)]
        with pytest.raises(StopIteration):  # it awaits nothing, and a loop of its own would bring new objects as well
            server.on_tick(1).send(None)
        assert (gc.get_count()[0] < len(kept) // 2) == is_looked_at


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_it_listens_on_an_ipv6_address():
    with bind("::1", 0) as listening:
        assert listening.family is socket.AF_INET6
