"""A timestamp stands for one position, however often it is asked what was then."""

import time

import pytest

from ledger.application.live import instants
from ledger.application.live.instants import Instants
from ledger.application.live.timestamps import Timestamps
from ledger.domain.refusals import Invalid
from ledger.log.epochs import Epoch, Epochs, OfAnotherEpoch, Origin
from tests.application.asking import Asking


def recorded_later(ask: Asking) -> None:
    """Something that was recorded in a later millisecond than all there is."""
    time.sleep(0.002)
    ask.start()
    time.sleep(0.002)


def test_what_was_said_of_a_timestamp_stays_said_whatever_is_recorded(ask: Asking):
    instants = Instants(ask.ledger.log, Timestamps())
    before = ask.ledger.log.heads()
    timestamp = instants.now()
    ask.start()
    assert list(instants.heads_at(timestamp)) == before
    assert list(instants.heads_at(instants.now())) == ask.ledger.log.heads() != before


def test_another_servers_timestamp_means_what_was_recorded_by_then(ask: Asking):
    said: list[tuple[int, list[int]]] = [(time.time_ns() - 60_000_000_000, [0])]
    for _ in range(5):
        recorded_later(ask)
        said.append((time.time_ns(), ask.ledger.log.heads()))
    other = Instants(ask.ledger.log, Timestamps())
    assert [list(other.heads_at(timestamp)) for timestamp, _ in said] == [heads for _, heads in said]


def test_a_later_timestamp_never_stands_for_less(ask: Asking):
    instants = Instants(ask.ledger.log, Timestamps(lambda: time.time_ns() + 5_000_000_000))
    recorded_later(ask)
    early = instants.now()
    ask.start()
    late = instants.now()
    between = [instants.heads_at(early + step) for step in (1, (late - early) // 2, late - early - 1)]
    assert between == [(1,), (1,), (1,)] or between == sorted(between)
    assert instants.heads_at(early) <= between[0]
    assert between[-1] <= instants.heads_at(late)


def test_what_is_still_to_come_is_refused(ask: Asking):
    with pytest.raises(Invalid, match="ts: is still to come"):
        Instants(ask.ledger.log, Timestamps()).heads_at(time.time_ns() + 3_600_000_000_000)


def test_only_the_latest_are_kept(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(instants, "INSTANTS_KEPT_MAX", 3)
    kept = Instants(ask.ledger.log, Timestamps())
    recorded_later(ask)
    said = [kept.now() for _ in range(5)]
    ask.start()
    assert kept.heads_at(said[-1]) == (1,)
    assert kept.heads_at(said[0]) == (1,), "and what it was before is made out again"


def test_a_time_that_was_lost_with_another_life_is_refused_with_where_to_go_back_to(ask: Asking):
    recorded_later(ask)
    log = ask.ledger.log
    began_at = time.time_ns() // 1_000_000 + 1_000
    shared, lost = log.recorded_at(0, 1), began_at - 500
    assert shared is not None
    log.epochs = Epochs([Epoch("one", 0, None), Epoch("two", began_at, Origin("one", (1,)))], 1)
    instants = Instants(log, Timestamps(lambda: (began_at + 1_000) * 1_000_000))
    assert instants.heads_at(shared * 1_000_000) == (1,)
    assert instants.heads_at((began_at + 1) * 1_000_000) == (1,)
    with pytest.raises(OfAnotherEpoch, match="ts: it is of epoch one") as refused:
        instants.heads_at(lost * 1_000_000)
    assert refused.value.detail["position"] == "two.0-1"
