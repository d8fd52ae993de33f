"""``ledger parked``: seen at once, marked in every answer, and applied once what was wrong is mended."""

from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.cli.terminal import done, run
from tests.shared import Serve
from tests.unreadable import rename, with_an_event_that_nobody_can_read


def test_a_server_that_parks_turns_red_and_says_so_until_it_is_replayed(serve: Serve):
    server, session_id = with_an_event_that_nobody_can_read(serve, LEDGER_POISON="park")
    deadline = monotonic() + 60
    while (ready := server.client.get("/readyz")).status_code == 200:
        assert monotonic() < deadline, "an event that is not shown went unseen"
        sleep(0.02)
    assert (ready.json()["ok"], ready.json()["parked"], ready.json()["halted"]) == (False, 1, None)
    assert server.get("session", sessionId=session_id).headers["Ledger-Parked"] == session_id
    assert "ledger_views_parked_entries 1.0" in server.client.get("/metrics").text
    through = ("--url", server.url)
    assert "1 events that the views cannot apply" in done("status", *through).out
    listed = done("parked", "list", *through)
    assert (session_id in listed.out, listed.err) == (True, ""), "the list is not warned of itself"
    assert f"the views lack events of {session_id}" in done("sessions", *through).err
    failed = run("parked", "replay", session_id, *through)
    assert (failed.status, "vanished.1" in failed.out) == (1, True)
    rename(server.directory, session_id, "director-event-recorded.1")
    assert done("parked", "replay", "--json", *through).answer == [{"sessionId": session_id, "applied": 1}]
    assert server.client.get("/readyz").status_code == 200
    assert "Nothing is parked" in done("parked", "list", *through).err


@pytest.mark.long
def test_a_server_whose_views_stand_still_says_what_there_is_to_do(serve: Serve):
    server, session_id = with_an_event_that_nobody_can_read(serve)
    through = ("--url", server.url)
    deadline = monotonic() + 60
    while server.client.get("/readyz").status_code == 200:
        assert monotonic() < deadline
        sleep(0.02)
    nothing_parked = " ".join(done("parked", "list", *through).err.split())
    assert "Nothing is parked, but the views stand still" in nothing_parked
    assert "with LEDGER_POISON=park it sets such an event aside" in nothing_parked
    unreadable = run("tail", session_id, "--no-follow", *through)
    assert (unreadable.status, "no event is stored as 'vanished.1'" in unreadable.err) == (1, True)
    server.stop()
    unreadable = run("status", "--data", server.directory)
    assert (unreadable.status, "LEDGER_POISON=park" in unreadable.err) == (1, True)


def test_a_folder_with_nothing_parked_says_so(tmp_path: Path):
    done("keys", "add", "ann", "--scope", "admin", "--data", tmp_path)
    assert done("parked", "list", "--json", "--data", tmp_path).answer == []
    assert "Nothing is parked" in done("parked", "replay", "--data", tmp_path).err
    refused = run("parked", "replay", "nobody", "--data", tmp_path)
    assert (refused.status, "nothing of 'nobody' is parked" in refused.err) == (1, True)
