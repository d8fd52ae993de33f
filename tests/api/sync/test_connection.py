"""The rules of the client protocol, each by its number, on a server that is really running."""

import asyncio
import json
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from ledger.api.carrier import Carrier
from ledger.api.sync.client import Client
from ledger.api.sync.connection import Connection, Live
from ledger.application.live.registry import Registry
from ledger.application.live.rounds import Rounds
from ledger.application.live.timestamps import Timestamps
from tests.api.streams.reading import reading
from tests.api.sync.speaking import PYTHON, START, Speaking, add, number, speaking, speaks
from tests.application.asking import Asking
from tests.application.conftest import embedded_ask
from tests.serving import Serving
from tests.shared import Serve

__all__ = ["embedded_ask"]

SESSION = "production:getProductionSession"
STILLS = "production:listStillCandidates"
TIMELINE = "production:getProductionTimeline"
EVENT = "production:appendDirectorEvent"
STILL = "production:createStillCandidate"


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session()


def cut(client: Speaking, session_id: str, at: int = 1) -> int:
    return client.ask(EVENT, sessionId=session_id, timestampMs=at, eventType="cut")


def test_1_every_connection_starts_at_nothing_and_each_transition_where_the_last_one_ended(
    serving: Serving, session_id: str
):
    for path in ("/api/1.48.0/sync", PYTHON, "//api/1.48.0/sync"):
        with speaks(serving, path=path) as client:
            client.modify(add(0, SESSION, sessionId=session_id))
            first = client.hear()
            assert first["startVersion"] == START
            assert first["endVersion"]["querySet"] == 1
            assert client.values[0]["_id"] == session_id
            for _ in range(3):
                client.mutate("production:updateProductionSession", sessionId=session_id, title="x")


def test_2_a_transition_follows_every_mutation_also_where_it_changes_nothing_that_is_watched(
    serving: Serving, session_id: str
):
    with speaks(serving) as client:
        cut(client, session_id)
        response, transition = client.hear(), client.hear()
        assert (response["type"], response["success"]) == ("MutationResponse", True)
        assert transition["modifications"] == []
        assert number(transition["endVersion"]["ts"]) >= number(response["ts"])


def test_2_a_transition_follows_a_failure_that_has_data(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.ask(EVENT, sessionId=session_id, timestampMs="soon", eventType="cut")
        failed = client.hear()
        assert (failed["success"], failed["ts"]) == (False, None)
        assert failed["result"] == "timestampMs: must be a number"
        assert failed["errorData"]["code"] == "invalid"
        assert failed["errorData"]["field"] == "timestampMs"
        assert client.hear()["type"] == "Transition"


def test_3_the_response_comes_before_the_transition_that_shows_the_write(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, TIMELINE, sessionId=session_id)
        for at in range(20):
            cut(client, session_id, at)
            response = client.hear()
            assert response["type"] == "MutationResponse"
            assert len(client.values[0]["directorEvents"]) == at
            client.wait_for(number(response["ts"]))
            assert client.values[0]["directorEvents"][-1]["_id"] == response["result"]


def test_3_no_transition_is_late_enough_for_a_write_that_it_does_not_show(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, TIMELINE, sessionId=session_id)
        asked = [cut(client, session_id, at) for at in range(50)]
        written: dict[str, int] = {}
        while len(written) < len(asked) or number(client.version["ts"]) < max(written.values()):
            heard = client.hear()
            if heard["type"] == "MutationResponse":
                written[heard["result"]] = number(heard["ts"])
            shown = {event["_id"] for event in client.values[0]["directorEvents"]}
            assert {event_id for event_id, at in written.items() if at <= number(client.version["ts"])} <= shown
            assert shown <= written.keys()


def test_4_all_that_one_commit_changed_comes_in_one_transition_and_nothing_else(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.modify(
            add(0, TIMELINE, sessionId=session_id),
            add(1, STILLS, sessionId=session_id),
            add(2, SESSION, sessionId=session_id),
            add(3, "production:listProductionAssets", sessionId=session_id),
        )
        client.shown(1)
        serving.record("still-candidate", sessionId=session_id, cameraId="a", timestampMs=1, score=1)
        heard = client.hear()
        assert sorted(changed["queryId"] for changed in heard["modifications"]) == [0, 1]
        assert client.values[0]["stillCandidates"] == client.values[1]
        assert client.quiet()


def test_4_what_happens_in_another_session_is_not_told(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, TIMELINE, sessionId=session_id)
        serving.record("event", sessionId=serving.session(), timestampMs=1, eventType="cut")
        assert client.quiet()


def test_5_mutations_are_carried_out_in_the_order_in_which_they_came(serving: Serving, session_id: str):
    with speaks(serving) as client:
        asked = [cut(client, session_id, at) for at in range(30)]
        responses: list[dict[str, Any]] = []
        while len(responses) < len(asked):
            if (heard := client.hear())["type"] == "MutationResponse":
                responses.append(heard)
        assert [response["requestId"] for response in responses] == asked
        numbers = [int(response["result"].rpartition("e")[2]) for response in responses]
        assert all(after == before + 1 for before, after in pairwise(numbers))
        times = [number(response["ts"]) for response in responses]
        assert all(before < after for before, after in pairwise(times))


def test_5_a_request_that_is_sent_again_is_answered_as_it_was_and_recorded_once(serving: Serving, session_id: str):
    with speaks(serving) as client:
        first = client.mutate(EVENT, sessionId=session_id, timestampMs=1, eventType="cut")
        started = client.mutate("production:startProductionSession", sessionType="music_demo")
    with speaks(serving, client.session_id) as again:
        assert again.mutate(EVENT, sessionId=session_id, timestampMs=1.0, eventType="cut") == first
        assert again.mutate("production:startProductionSession", sessionType="music_demo") == started
    assert len(serving.ask("session/timeline", sessionId=session_id)["directorEvents"]) == 1


def test_5_no_request_is_answered_twice_on_one_connection(serving: Serving, session_id: str):
    with speaks(serving) as client:
        for _ in range(2):
            client.ask(EVENT, 7, sessionId=session_id, timestampMs=1, eventType="cut")
        assert client.hear()["requestId"] == 7
        client.hear()
        assert client.quiet()


def test_6_after_a_reconnect_the_version_starts_anew_and_time_goes_on(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, SESSION, sessionId=session_id)
        client.mutate("production:updateProductionSession", sessionId=session_id, title="x")
    with speaking(serving, client.session_id) as again:
        again.connect(client.observed)
        again.watch(0, SESSION, sessionId=session_id)
        assert number(again.version["ts"]) >= client.observed
        assert again.values == client.values


def test_6_a_client_that_has_seen_what_is_to_come_is_sent_away_for_a_moment(serving: Serving):
    with speaking(serving) as client:
        client.connect(2**63 - 1)
        code, reason = client.ending()
        assert code == 1011
        assert reason.startswith("InternalServerError")


def test_7_a_line_that_was_quiet_for_fifteen_seconds_is_given_a_sign_and_no_other(embedded_ask: Asking):
    sent: list[str] = []

    async def send(text: str) -> None:
        sent.append(text)

    async def run() -> None:
        carrier, timestamps = Carrier(embedded_ask.ledger), Timestamps()
        registry = Registry(1, timestamps)
        rounds = Rounds(embedded_ask.ledger, registry, lambda apply: apply())
        live = Live(carrier, registry, rounds, timestamps, lambda _: None, 10)
        connection = Connection(live, Client("http://127.0.0.1", takes_chunks=True), send, None)
        pumping = asyncio.create_task(connection.pump())
        now = asyncio.get_running_loop().time()
        for quiet, signs in ((14.9, 0), (15.1, 1)):
            connection.keep_alive(now + quiet)
            await asyncio.sleep(0.01)
            assert sent == ['{"type":"Ping"}'] * signs
        pumping.cancel()

    asyncio.run(run())


@pytest.mark.long
def test_7_the_sign_comes_on_every_line_that_is_quiet(serving: Serving, session_id: str):
    stream = "/production/session/stream"
    with speaks(serving) as client, reading(serving, stream, sessionId=session_id) as reader:
        reader.until("caught-up")
        began = monotonic()
        assert json.loads(client.socket.recv(timeout=60)) == {"type": "Ping"}
        assert monotonic() - began > 13
        assert reader.comment() == "still here"


def test_8_a_new_identity_is_a_transition(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, SESSION, sessionId=session_id)
        for version in (1, 2):
            client.say("Authenticate", baseVersion=version - 1, tokenType="User", value="who")
            heard = client.hear()
            assert heard["endVersion"]["identity"] == version
            assert heard["modifications"] == []


def test_a_query_that_fails_says_why_and_the_others_go_on(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.modify(
            add(0, "production:nothing"),
            add(1, SESSION),
            add(2, EVENT, sessionId=session_id),
            add(3, TIMELINE, sessionId="s9"),
            add(4, SESSION, sessionId=session_id),
        )
        client.shown(1)
        assert {query_id: told["code"] for query_id, told in client.failures.items()} == {
            0: "not_found",
            1: "invalid",
            2: "invalid",
            3: "not_found",
        }
        assert client.values[4]["_id"] == session_id


def test_a_query_that_is_let_go_is_told_no_more(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, SESSION, sessionId=session_id)
        client.modify({"type": "Remove", "queryId": 0})
        assert client.hear()["modifications"] == [{"type": "QueryRemoved", "queryId": 0}]
        serving.record("session/update", sessionId=session_id, title="unseen")
        assert client.quiet()


@pytest.mark.parametrize(
    "said",
    [
        "nonsense",
        '{"type":"Dance"}',
        '{"type":"ModifyQuerySet","baseVersion":0,"newVersion":1,"modifications":[]}',
        '{"type":"Connect","sessionId":""}',
        '{"type":"Connect","sessionId":"a","maxObservedTimestamp":"AAAA"}',
        '{"type":"Connect","sessionId":"a","maxObservedTimestamp":"//////////8="}',
    ],
)
def test_what_is_no_message_of_the_protocol_ends_the_connection_for_good(serving: Serving, said: str):
    with speaking(serving) as client:
        client.socket.send(said)
        assert client.hear()["type"] == "FatalError"
        assert client.ending() == (1008, "ProtocolError")


def test_a_graceful_stop_says_goodbye_to_whoever_watches_within_a_second(serve: Serve):
    took: list[float] = []
    server = serve()
    session_id = server.session()
    while len(took) < 5 and (not took or min(took) > 1):  # a machine that is busy with something else takes longer
        if took:
            server.start()
        with speaks(server) as client, reading(server, "/production/session/stream", sessionId=session_id) as reader:
            client.watch(0, SESSION, sessionId=session_id)
            reader.until("caught-up")
            began = monotonic()
            server.running.terminate()
            assert client.ending() == (1012, "the server is stopping")
            assert reader.next().name == "goodbye"
            assert server.running.wait(60) == 0
            took.append(monotonic() - began)
        server.stop()
    assert min(took) < 1, took
    assert server.log() == ""
