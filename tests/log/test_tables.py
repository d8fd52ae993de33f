"""The file as a stranger finds it, with the ``sqlite3`` module, ``json`` and ``hashlib`` alone."""

import json
from hashlib import sha256

from ledger.domain.cameras import CameraRegistered
from ledger.domain.sessions import SessionStarted
from ledger.domain.stills import StillFavourited, StillRecorded
from tests.log.opened import OpenLog, fact


def record_some(opened: OpenLog) -> None:
    opened.append(
        SessionStarted(session_type="music_demo", status="setup", title="Ünïcödé \u2028 \U0001f600"), key="k-é"
    )
    opened.append(
        CameraRegistered(camera_id="cam é", source_type="iphone", role="hero", priority_weight=1, is_active=True),
        fact(1, metadata={"a": [None]}),
        actor="Bénédicte",
    )
    opened.append(StillRecorded(camera_id="cam é", timestamp_ms=1, score=0.5), partition="s2")
    opened.append(StillFavourited(still=1), partition="s2", key="k")


def test_events_have_the_columns_of_the_design(embedded: OpenLog):
    columns = [name for _, name, *_ in embedded.rows("PRAGMA table_info(events)")]
    assert columns == [
        "shard",
        "position",
        "partition",
        "sequence",
        "type",
        "recorded_at",
        "actor",
        "key",
        "entity",
        "salt",
        "body",
        "leaf",
    ]


def test_bodies_are_json_text(embedded: OpenLog):
    record_some(embedded)
    rows = embedded.rows(
        "SELECT typeof(body), body, typeof(salt), length(salt), typeof(leaf), length(leaf) FROM events"
    )
    assert {(row[0], *row[2:]) for row in rows} == {("text", "blob", 16, "blob", 32)}
    assert [type(json.loads(row[1])) for row in rows] == [dict] * 5
    assert "Ünïcödé" in rows[0][1]


def test_leaves_can_be_computed_from_the_stored_rows(opened: OpenLog):
    record_some(opened)
    rows = opened.rows(
        "SELECT partition, sequence, type, recorded_at, actor, coalesce(key, ''), salt, body, leaf FROM events"
    )
    for *header, salt, body, leaf in rows:
        inner = sha256(salt + body.encode("utf-8")).digest()
        assert sha256(b"\x00" + "\x00".join(map(str, header)).encode("utf-8") + inner).digest() == leaf
    assert len({row[6] for row in rows}) == len(rows), "each entry has a salt of its own"


def test_sequences_and_positions_have_no_gap(opened: OpenLog):
    record_some(opened)
    assert opened.rows("SELECT partition, sequence, position, entity FROM events ORDER BY position") == [
        ("s1", 1, 1, "session"),
        ("s1", 2, 2, "camera:cam é"),
        ("s1", 3, 3, None),
        ("s2", 1, 4, "still:1"),
        ("s2", 2, 5, "still:1"),
    ]
    assert opened.rows("SELECT shard, position FROM shards") == [(0, 5)]


def test_an_entity_is_found_by_an_index(embedded: OpenLog):
    (plan,) = embedded.rows(
        "EXPLAIN QUERY PLAN SELECT * FROM events WHERE partition = 's' AND entity = 'e' ORDER BY sequence"
    )
    assert "USING INDEX events_of_entity" in plan[3]
