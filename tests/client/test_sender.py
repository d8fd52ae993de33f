"""What a refusal does, and what goes on in spite of it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2
import pytest

from ledger.client import Hearing, NotAcknowledgedError, SpoolError, Writer, leftovers, requests
from ledger.client import writer as writer_module
from ledger.client.contents import Aside, look_into
from ledger.client.line import open_line
from ledger.client.spool import Spool
from tests.careless import careless
from tests.client.spools import cut, moment
from tests.serving import Serving


class Heard:
    """Everything that a sender tells."""

    def __init__(self) -> None:
        self.acknowledged: list[tuple[int, Sequence[str | None]]] = []
        self.asides: list[Aside] = []
        self.troubles: list[str] = []
        self.hearing = Hearing(
            acknowledged=lambda first, ids: self.acknowledged.append((first, ids)),
            set_aside=self.asides.append,
            trouble=self.troubles.append,
        )


def _times(serving: Serving, session_id: str) -> list[Any]:
    page = serving.ask("session/history", sessionId=session_id, numItems=10_000)["page"]
    return [entry["body"]["timestampMs"] for entry in page[1:]]


@pytest.mark.parametrize("poison", [{0}, {7}, {3, 4}, {9}, {0, 5, 9}])
def test_a_poison_fact_is_set_aside_and_what_follows_goes_on(serving: Serving, tmp_path: Path, poison: set[int]):
    session, heard = serving.session(), Heard()
    device = f"poisoned-{len(poison)}-{min(poison)}"
    with Writer("http://127.0.0.1:9", spool=tmp_path, device=device) as writer:
        named = [
            writer.append_director_event(session, "unheard_of" if n in poison else "cut", timestamp_ms=n)
            for n in range(10)
        ]
        writer.close(timeout=0)
    with Writer(serving.url, spool=tmp_path, device=device, hearing=heard.hearing) as writer:
        assert writer.flush(10)
        assert {aside.number - 1 for aside in heard.asides} == poison
        assert all("'unheard_of' is not known" in aside.message for aside in heard.asides)
        with pytest.raises(NotAcknowledgedError, match="it is aside"):
            writer.id_of(named[min(poison)])
    assert _times(serving, session) == [n for n in range(10) if n not in poison]
    acknowledged = [first + place for first, ids in heard.acknowledged for place in range(len(ids))]
    of_facts = [number for number in acknowledged if number <= 10]
    assert of_facts == [n + 1 for n in range(10) if n not in poison], "in order, each once"
    (told,) = serving.client.get("/ledger/devices/gaps", params={"device": device}).json()["result"]
    assert told["missing"] == [], "what was refused is accounted for"
    assert {number - 1 for lost in told["lost"] for number in range(lost["first"], lost["last"] + 1)} == poison
    assert {lost["why"] for lost in told["lost"]} == {"refused"}


def _record_mixed(writer: Writer, sessions: Sequence[str], poison: Collection[int], count: int) -> None:
    """Two cuts and a moment, over and over, for some sessions in turn; what is poison the ledger refuses."""
    for n in range(count):
        session = sessions[n // 10 % len(sessions)]
        if n % 3 == 2:
            writer.append_music_moment("nowhere" if n in poison else session, timestamp_ms=n)
        else:
            writer.append_director_event(session, "unheard_of" if n in poison else "cut", timestamp_ms=n)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of all that writers ask a ledger for, as they ask it."""
    paths: list[str] = []

    def opened(url: str, headers: Mapping[str, str]) -> httpx2.Client:
        line = open_line(url, headers)
        line.event_hooks = {"request": [lambda request: paths.append(request.url.path)]}
        return line

    monkeypatch.setattr(writer_module, "open_line", opened)
    return paths


def test_facts_of_all_kinds_share_a_request_and_stay_in_order(serving: Serving, tmp_path: Path, asked: list[str]):
    sessions = [serving.session(), serving.session()]
    with Writer("http://127.0.0.1:9", spool=tmp_path) as writer:
        _record_mixed(writer, sessions, (), 50)
        writer.close(timeout=0)
    asked.clear()
    with Writer(serving.url, spool=tmp_path) as writer:
        assert writer.flush(10)
    assert asked == ["/api/mutation_batch"]
    of_sessions = [n // 10 % 2 for n in range(50)]
    for place, session in enumerate(sessions):
        assert _times(serving, session) == [n for n in range(50) if of_sessions[n] == place]


def _refused_among_all_kinds(serving: Serving, spool: Path, poison: set[int]) -> None:
    session, heard = serving.session(), Heard()
    device = f"{spool.name}-{len(poison)}-{min(poison)}"
    with Writer("http://127.0.0.1:9", spool=spool, device=device) as writer:
        _record_mixed(writer, [session], poison, 12)
        writer.close(timeout=0)
    with Writer(serving.url, spool=spool, device=device, hearing=heard.hearing) as writer:
        assert writer.flush(10)
    assert {aside.number - 1 for aside in heard.asides} == poison
    assert _times(serving, session) == [n for n in range(12) if n not in poison], "lost, or out of order"
    (told,) = serving.client.get("/ledger/devices/gaps", params={"device": device}).json()["result"]
    assert told["missing"] == []


@pytest.mark.parametrize("poison", [{0}, {2}, {4, 5}, {0, 2, 4, 6, 8, 10}, set(range(12))])
def test_what_is_refused_among_all_kinds_leaves_the_others_in_order(serving: Serving, tmp_path: Path, poison: set[int]):
    _refused_among_all_kinds(serving, tmp_path / "mixed", poison)


@pytest.mark.parametrize("fault", ["overtaken"])
def test_a_careless_order_is_found_out(serving: Serving, tmp_path: Path, fault: str):
    with careless(fault), pytest.raises(AssertionError, match="out of order"):
        _refused_among_all_kinds(serving, tmp_path / fault, {0})


def test_what_nothing_large_gets_through_to_has_it_all_in_small_requests(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sizes: list[int] = []

    def let_through(request: httpx2.Request) -> None:
        sizes.append(int(request.headers["Content-Length"]))
        if sizes[-1] > 60_000:
            raise httpx2.WriteError("a proxy has hung up")

    def opened(url: str, headers: Mapping[str, str]) -> httpx2.Client:
        line = open_line(url, headers)
        line.event_hooks = {"request": [let_through]}
        return line

    monkeypatch.setattr(writer_module, "open_line", opened)
    session = serving.session()
    with closing(Spool(tmp_path, tmp_path.name)) as spool:
        for first in range(0, 5_000, 1_000):
            spool.append([cut(n, session) for n in range(first, first + 1_000)])
    with Writer(serving.url, spool=tmp_path, retry_seconds_max=0.01) as writer:
        assert writer.flush(10)
    assert max(sizes) > 60_000
    assert sizes[-1] <= 60_000
    assert _times(serving, session) == list(range(5_000))


def test_a_ledger_that_takes_no_calls_together_is_asked_one_by_one(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
):
    monkeypatch.setattr(requests, "SERIES_PATH", "/api/not_known_to_an_older_ledger")
    session, heard = serving.session(), Heard()
    with Writer("http://127.0.0.1:9", spool=tmp_path) as writer:
        _record_mixed(writer, [session], (), 12)
        writer.close(timeout=0)
    asked.clear()
    with Writer(serving.url, spool=tmp_path, hearing=heard.hearing) as writer:
        assert writer.flush(10)
    assert asked.count("/api/not_known_to_an_older_ledger") == 1
    assert heard.asides == []
    assert _times(serving, session) == list(range(12))


def test_a_session_that_is_not_there_costs_only_its_own_facts(serving: Serving, tmp_path: Path):
    session, heard = serving.session(), Heard()
    with Writer(serving.url, spool=tmp_path, hearing=heard.hearing) as writer:
        for n in range(5):
            writer.append_director_event("nowhere", "cut", timestamp_ms=n)
        for n in range(5):
            writer.append_director_event(session, "cut", timestamp_ms=n)
        assert writer.flush(10)
    assert [(aside.number, aside.code) for aside in heard.asides] == [(n, "not_found") for n in range(1, 6)]
    assert _times(serving, session) == list(range(5))


def test_what_names_a_refused_fact_is_set_aside_with_it(serving: Serving, tmp_path: Path):
    session, heard = serving.session(), Heard()
    with Writer(serving.url, spool=tmp_path, hearing=heard.hearing) as writer:
        marker = writer.append_director_event(session, "unheard_of")
        writer.create_still(session, "hero", score=1, source_event_id=marker)
        writer.create_still(session, "hero", score=2)
        assert writer.flush(10)
    assert [(aside.number, aside.code) for aside in heard.asides] == [(1, "invalid"), (2, "unknown_reference")]
    assert len(serving.ask("stills", sessionId=session)) == 1


def test_what_is_of_a_session_that_never_began_is_set_aside_together(
    serving: Serving, tmp_path: Path, asked: list[str]
):
    heard = Heard()
    with Writer(
        "http://127.0.0.1:9", spool=tmp_path, device="unbegun", key="unknown to a ledger without keys"
    ) as writer:
        session = writer.start_session("never heard of")
        for n in range(4):
            writer.append_music_moment(session, timestamp_ms=n)
            writer.append_director_event(session, "cut", timestamp_ms=n)
        writer.close(timeout=0)
    asked.clear()
    with Writer(serving.url, spool=tmp_path, device="unbegun", hearing=heard.hearing) as writer:
        assert writer.flush(10)
    assert [(aside.number, aside.code) for aside in heard.asides] == [
        (1, "invalid"),
        *((n, "unknown_reference") for n in range(2, 10)),
    ]
    assert asked.count("/production/session/start") == 1
    assert asked.count("/ledger/devices/loss") + asked.count("/api/mutation_batch") <= 2, "they are reported together"


@pytest.mark.parametrize("changed", ["replace(arguments, '1', '7')", "CAST(CAST(arguments AS BLOB) || x'ff' AS TEXT)"])
def test_damaged_bytes_are_not_sent_as_if_they_were_the_fact(serving: Serving, tmp_path: Path, changed: str):
    session, heard = serving.session(), Heard()
    with Writer("http://127.0.0.1:9", spool=tmp_path) as writer:
        for n in range(3):
            writer.append_director_event(session, "cut", timestamp_ms=n)
        writer._desk.spool.connection.execute(f"UPDATE facts SET arguments = {changed} WHERE number = 2")
        writer.close(timeout=0)
    with Writer(serving.url, spool=tmp_path, hearing=heard.hearing) as writer:
        assert writer.flush(10)
        assert [(aside.number, aside.code) for aside in heard.asides] == [(2, "damaged")]
        assert writer.aside() == heard.asides
    assert _times(serving, session) == [0, 2]


def test_trouble_is_told_while_it_lasts(tmp_path: Path):
    heard = Heard()
    with Writer("http://127.0.0.1:9", spool=tmp_path, hearing=heard.hearing, retry_seconds_max=0.1) as writer:
        writer.append_director_event("s", "cut")
        deadline = monotonic() + 60
        while len(heard.troubles) < 2:
            assert monotonic() < deadline
            assert not writer.flush(0.02)
        assert writer.trouble is not None
        assert "ConnectError" in writer.trouble
        writer.close(timeout=0)


def test_what_was_set_aside_is_sent_once_more_or_given_up(serving: Serving, tmp_path: Path):
    session, device = "s" + "0" * 24, "second-thoughts"
    with Writer(serving.url, spool=tmp_path, device=device) as writer:
        for n in range(3):
            writer.append_director_event(session, "cut", timestamp_ms=n)
        assert writer.flush(10)
        assert [aside.number for aside in writer.aside()] == [1, 2, 3]
        assert writer.retry([2]) == 1
        assert writer.flush(10)
        assert [aside.number for aside in writer.aside()] == [1, 2, 3], "it was refused once more"
        assert writer.discard([1]) == 1
        assert writer.flush(10)
        assert [aside.number for aside in writer.aside()] == [2, 3]
        with pytest.raises(SpoolError, match="7 is not among"):
            writer.retry([7])
    (told,) = serving.client.get("/ledger/devices/gaps", params={"device": device}).json()["result"]
    lost = [(each["first"], each["last"], each["why"]) for each in told["lost"]]
    assert (told["missing"], lost) == ([], [(1, 1, "discarded"), (2, 2, "refused"), (3, 3, "refused")])


def test_what_was_taken_is_deleted_once_there_is_nothing_to_send(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leftovers, "SWEPT_AT_A_TIME", 4)
    session = serving.session()
    with closing(Spool(tmp_path, tmp_path.name)) as spool:
        spool.append([cut(n, session) if n % 3 else moment(n, session) for n in range(30)])
    with Writer(serving.url, spool=tmp_path) as writer:
        assert writer.flush(10)
        sender, spool = writer._desk.sender, writer._desk.spool
        assert sender.wait_until(lambda: not spool.leftovers.is_due, 10)
        assert spool.connection.execute("SELECT count(*) FROM facts").fetchone()[0] < 4
    assert look_into(tmp_path).counted == (30, 0, 0)


def test_closed_in_the_middle_of_a_backlog_it_ends_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with closing(Spool(tmp_path, tmp_path.name)) as spool:
        spool.append([moment(n) for n in range(2_000)])
    for _ in range(5):
        writer = Writer("http://127.0.0.1:9", spool=tmp_path)
        writer.close(timeout=0)
        writer._desk.sender._thread.join(10)
    assert caplog.messages == []
    assert look_into(tmp_path).counted.pending == 2_000
