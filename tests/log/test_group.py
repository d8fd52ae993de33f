"""What a group has foreseen counts from then on for those behind it, and is taken back with them where it does not come about."""

from typing import Final

import pytest

from ledger.domain import cameras
from ledger.domain.cameras import CameraRegistered
from ledger.domain.refusals import SessionNotFound
from ledger.log.append import Append, insert_added
from ledger.log.group import Group
from ledger.log.known import Known
from ledger.log.requests import Decision, Receipt, Request
from ledger.log.stream import Stream
from tests.log.opened import NOW, Decide, OpenLog, fact, recording, refusing

CAMERA: Final = cameras.entity_of("c")


def registering(stream: Stream) -> Decision:
    """Answers how many of the camera's entries there were before."""
    known = stream.state_of(CAMERA, lambda count, _: (count or 0) + 1) or 0
    camera = CameraRegistered(camera_id="c", source_type="a", role="b", priority_weight=1, is_active=True)
    return Decision([camera], lambda _: str(known))


def asked(decide: Decide, partition: str = "s1", key: str | None = None) -> Request:
    return Request(partition, "ann", decide, lambda _: None, key)


def foreseen(known: Known, append: Append, *requests: Request) -> Group:
    group = Group({append.shard: list(requests)}, known)
    group.appends = [append]
    group.foresee()
    return group


def behind(append: Append) -> Append:
    return Append(*append.head, connection=append.connection, now_ms=NOW)


def answers(group: Group) -> list[str]:
    return [outcome.answer for _, outcome in group.outcomes if isinstance(outcome, Receipt)]


def sequence(known: Known, append: Append) -> int:
    return known.stream("s1", append).sequence


def test_its_requests_are_decided_one_behind_the_other_and_answered_once_under_a_key(opened: OpenLog):
    with opened.log.recorders[0].appending() as append:
        group = foreseen(
            Known(),
            append,
            asked(registering),
            asked(registering, key="k"),
            asked(registering, key="k"),
            asked(registering, "s2"),
        )
    assert answers(group) == ["0", "1", "1", "0"]
    assert [entry.sequence for entry in append.entries] == [1, 2, 1]
    assert group.weight == 4


def test_the_first_that_is_refused_ends_it_and_nothing_is_left(opened: OpenLog):
    known = Known()
    with opened.log.recorders[0].appending() as append:
        group = Group({0: [asked(registering), asked(refusing), asked(registering)]}, known)
        group.appends = [append]
        with pytest.raises(SessionNotFound):
            group.foresee()
        assert sequence(known, append) == 1
        group.take_back()
        assert sequence(known, append) == 0
        again = foreseen(known, Append(0, 0, 0, connection=append.connection, now_ms=NOW), asked(registering))
    assert answers(again) == ["0"]


def test_what_can_be_added_to_no_shard_is_left(sharded: OpenLog):
    requests: dict[int, list[Request]] = {0: [asked(recording(fact(1)), "s3")], 1: [asked(recording(fact(1)), "s8")]}
    group = Group(requests, Known())
    with sharded.log.recorders[1].appending() as append:
        group.appends = [append]
        group.decide(append.connection)
    assert group.left == {0: requests[0]}
    assert [outcome for _, outcome in group.outcomes] == [Receipt("1", 1, 1, 1)]


@pytest.mark.parametrize(("is_first_recorded", "is_second_recorded"), [(True, True), (True, False), (False, False)])
def test_the_next_is_decided_at_what_stands_of_two_one_behind_the_other(
    opened: OpenLog, is_first_recorded: bool, is_second_recorded: bool
):
    known = Known()
    opened.append(fact(1))
    with opened.log.recorders[0].appending() as append:
        first = foreseen(known, append, asked(registering))
        second = foreseen(known, behind(append), asked(registering), asked(recording(fact(2))))
        assert answers(second) == ["1", "4"]
        if is_first_recorded:
            insert_added(append.connection, first.appends)
            first.committed()
        if is_second_recorded:
            insert_added(append.connection, second.appends)
            second.committed()
        else:
            second.take_back()
        if not is_first_recorded:
            first.take_back()
        stands = 1 + is_first_recorded + 2 * is_second_recorded
        assert known.stream("s1", append).head == (stands, stands)
        at = Append(0, stands, NOW, connection=append.connection, now_ms=NOW)
        assert answers(foreseen(known, at, asked(registering))) == [str(is_first_recorded + is_second_recorded)]
