from ledger.log.integrity import leaf_hash
from ledger.log.stored import positions_of, stored_row, stored_rows
from tests.log.opened import OpenLog, fact


def test_rows_are_as_they_are_stored(opened: OpenLog):
    opened.append(fact(1), fact(2))
    opened.append(fact(), partition="s2")
    opened.append(fact(3), key="k")
    with opened.log.snapshot() as connection:
        rows = stored_rows(connection, "s1", after=0, up_to=3)
        assert [tuple(row) for row in rows] == opened.rows(
            "SELECT * FROM events WHERE partition = 's1' ORDER BY sequence"
        )
        assert stored_rows(connection, "s1", after=1, up_to=3, limit=1) == rows[1:2]
        assert positions_of(connection, "s1", 3) == [1, 2, 4]
        assert positions_of(connection, "s1", 2) == [1, 2]
        last = stored_row(connection, "s1", 3)
        assert stored_row(connection, "s1", 4) is None
    assert last == rows[2]
    named = (last.partition, last.sequence, last.type, last.recorded_at, last.actor, last.key)
    assert last.leaf == leaf_hash(*named, last.salt, last.body)
