"""Two servers on one PostgreSQL database: what is written through one is pushed by the other, whole, and time does not go back."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.api.streams.reading import reading
from tests.api.sync.speaking import Speaking, add, speaking, speaks
from tests.postgres import empty_database
from tests.serving import Serving

pytestmark = pytest.mark.long

WRITES = 60


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Serving, Serving]]:
    with empty_database() as url:
        servers = [Serving(tmp_path / name, LEDGER_DATABASE=url, LEDGER_SHARDS="4") for name in ("one", "two")]
        yield servers[0], servers[1]
        for server in servers:
            server.stop()


def watching(client: Speaking, session_id: str) -> None:
    """Watch what one commit changes in three places at once."""
    client.modify(
        add(0, "production:getProductionTimeline", sessionId=session_id),
        add(1, "production:listStillCandidates", sessionId=session_id),
        add(
            2, "production:listSessionHistory", sessionId=session_id, paginationOpts={"numItems": 1_000, "cursor": None}
        ),
    )
    client.shown(1)


def shown(client: Speaking) -> int:
    """How many stills are shown: the same everywhere."""
    stills = client.values[1]
    assert client.values[0]["stillCandidates"] == sorted(stills, key=lambda still: still["timestampMs"])
    assert len(client.values[2]["page"]) == 1 + len(stills)
    return len(stills)


def test_what_one_server_records_the_other_pushes_without_a_tear(pair: tuple[Serving, Serving]):
    one, two = pair
    session_id = one.session()
    with speaks(one) as here, speaks(two) as there:
        for client in (here, there):
            watching(client, session_id)
        for number in range(WRITES):
            server = pair[number % 2]
            told = {"cameraId": "a", "timestampMs": number, "score": number / WRITES}
            server.record("still-candidate", sessionId=session_id, **told)
        for client in (here, there):
            while shown(client) < WRITES:
                client.hear()


def test_a_client_that_comes_back_to_the_other_server_sees_no_less_and_no_earlier(pair: tuple[Serving, Serving]):
    one, two = pair
    session_id = one.session()
    client_id, observed, seen = "wanderer", 0, 0
    for number in range(12):
        with speaking(pair[number % 2], client_id) as client:
            client.connect(observed or None)
            watching(client, session_id)
            assert shown(client) >= seen
            assert client.observed >= observed
            told = {"cameraId": "a", "timestampMs": number, "score": 1}
            request_id = client.ask("production:createStillCandidate", number, sessionId=session_id, **told)
            while (heard := client.hear())["type"] != "MutationResponse":
                pass
            assert heard["requestId"] == request_id
            observed, seen = client.observed, number + 1
    assert len(two.ask("stills", sessionId=session_id)) == 12


def test_a_request_that_is_sent_again_to_the_other_server_is_recorded_once(pair: tuple[Serving, Serving]):
    one, two = pair
    session_id = one.session()
    answers = []
    for server in (one, two):
        with speaks(server, "the-same-client") as client:
            client.ask("production:appendDirectorEvent", 5, sessionId=session_id, timestampMs=1, eventType="cut")
            answers.append(client.hear()["result"])
    assert answers[0] == answers[1]
    assert len(two.ask("session/history", sessionId=session_id)["page"]) == 2


def test_what_one_server_records_lands_in_the_streams_of_the_other(pair: tuple[Serving, Serving]):
    one, two = pair
    session_id, other = one.session(), one.session()
    with reading(two, "/production/session/stream", sessionId=session_id) as reader:
        assert [it.value["sequence"] for it in reader.until("caught-up")[:-1]] == [1]
        for number in range(20):
            one.record("event", sessionId=other, timestampMs=number, eventType="cut")
            event_id = pair[number % 2].record("event", sessionId=session_id, timestampMs=number, eventType="cut")
            assert reader.next().value["entityId"] == event_id


def test_a_moment_of_one_server_is_a_moment_of_the_other(pair: tuple[Serving, Serving]):
    one, _ = pair
    session_id = one.session(title="before")
    sleep(0.01)  # a server that did not give it out knows a moment to the millisecond
    ts = one.client.post("/api/query_ts").json()["ts"]
    sleep(0.01)
    for server in pair:
        server.record("session/update", sessionId=session_id, title="after")
        told = []
        for asked in pair:
            call = {"path": "production:getProductionSession", "args": {"sessionId": session_id}, "ts": ts}
            told.append(asked.client.post("/api/query_at_ts", json=call).json()["value"]["title"])
        assert told == ["before", "before"]
