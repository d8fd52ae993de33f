from typing import Any

from ledger.domain.cameras import CameraRegistered
from ledger.log.reading import (
    Head,
    entities_since,
    head_of,
    leaf_at,
    leaves_of_partition,
    leaves_of_shard,
    read_entity,
    read_history,
    read_stream,
    sequence_at,
    sequence_by,
    span_of_entities,
)
from tests.log.opened import NOW, OpenLog, fact


def camera(camera_id: str) -> CameraRegistered:
    return CameraRegistered(camera_id=camera_id, source_type="iphone", role="hero", priority_weight=1, is_active=True)


def test_a_partition_is_read_in_order_between_two_sequences(opened: OpenLog):
    for at in range(4):
        opened.append(fact(at), partition="s1")
        opened.append(fact(at), partition="s2")
    with opened.log.snapshot() as connection:
        found = read_stream(connection, "s1", after=1, up_to=3)
        assert [(entry.partition, entry.sequence) for entry in found] == [("s1", 2), ("s1", 3)]
        assert len(read_stream(connection, "s1", limit=3)) == 3
        assert read_stream(connection, "nobody") == []
        assert head_of(connection, "s1") == Head(4, 7)
        assert head_of(connection, "nobody") == Head(0, 0)


def test_an_entity_is_read_alone(opened: OpenLog):
    opened.append(camera("a"), fact(), camera("b"))
    opened.append(camera("a"), camera("a"))
    opened.append(camera("a"), partition="s2")
    with opened.log.snapshot() as connection:
        assert [entry.sequence for entry in read_entity(connection, "s1", "camera:a")] == [1, 4, 5]
        spans = span_of_entities(connection, "s1", ["camera:a", "camera:b", "camera:c"])
        assert spans == {"camera:a": (1, 5), "camera:b": (3, 3)}
        assert span_of_entities(connection, "s1", []) == {}


def test_a_history_is_read_by_every_filter_at_once(opened: OpenLog):
    opened.append(camera("a"), fact(), actor="ann")
    opened.append(camera("a"), fact(), actor="ben")
    opened.append(fact(), actor="ben", partition="s2")
    with opened.log.snapshot() as connection:

        def sequences(*, after: int = 0, limit: int = 9, **filters: Any) -> list[int]:
            return [entry.sequence for entry in read_history(connection, "s1", after=after, limit=limit, **filters)]

        assert sequences() == [1, 2, 3, 4]
        assert sequences(actor="ben") == [3, 4]
        assert sequences(stored_name="camera-registered.1", actor="ben") == [3]
        assert sequences(entity="camera:a") == [1, 3]
        assert sequences(after=1, limit=2) == [2, 3]


def test_a_time_stands_for_the_last_that_was_recorded_by_then(opened: OpenLog):
    for now in (NOW, NOW, NOW + 10):
        opened.now = now
        opened.append(fact())
        opened.append(fact(), fact(), fact(), partition="s2")
    with opened.log.snapshot() as connection:
        found = [sequence_at(connection, "s1", at) for at in (NOW - 1, NOW, NOW + 9.5, NOW + 10, NOW + 99)]
    assert found == [0, 2, 2, 3, 3]


def test_a_position_stands_for_the_last_of_the_partition_by_then(opened: OpenLog):
    for partition in ("s2", "s1", "s2", "s1"):
        opened.append(fact(), partition=partition)
    with opened.log.snapshot() as connection:
        assert [sequence_by(connection, "s1", position) for position in range(6)] == [0, 0, 1, 1, 2, 2]


def test_entities_of_one_kind_are_those_spoken_of_since(opened: OpenLog):
    opened.append(camera("a"), camera("b"))
    opened.append(camera("b"), fact(), camera("c"), camera("c"))
    opened.append(camera("d"), camera("d"), camera("d"), camera("d"), partition="s2")
    opened.change("UPDATE events SET entity = 'camera;' WHERE position = 4")
    with opened.log.snapshot() as connection:
        assert sorted(entities_since(connection, "s1", "camera", 2)) == ["camera:b", "camera:c"]
        assert sorted(entities_since(connection, "s1", "camera", 3)) == ["camera:c"]
        assert entities_since(connection, "s1", "event", 0) == []


def test_leaves_are_read_by_position_and_by_sequence(opened: OpenLog):
    for partition in ("s1", "s2", "s1", "s1"):
        opened.append(fact(), partition=partition)
    leaves = [leaf for (leaf,) in opened.rows("SELECT leaf FROM events ORDER BY position")]
    with opened.log.snapshot() as connection:
        assert [leaf_at(connection, 0, position) for position in (0, 2, 4, 5)] == [None, leaves[1], leaves[3], None]
        assert leaf_at(connection, 1, 2) is None
        assert leaves_of_shard(connection, 0, 1, 3) == leaves[1:3]
        assert leaves_of_shard(connection, 1, 0, 4) == []
        assert leaves_of_partition(connection, "s1", 1, 2) == leaves[2:3]
        assert leaves_of_partition(connection, "s1", 0, 9) == [leaves[0], *leaves[2:]]
