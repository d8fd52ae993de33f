"""However a log was cut into stretches, together they are the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log.joined import Joined
from ledger.log.merkle import root_of
from ledger.log.scan import Fault, Stretch, scan
from tests.log.opened import NOW, OpenLog, fact


def joined(embedded: OpenLog, ends: list[int], cuts: dict[str, list[int]]) -> Joined:
    found = Joined(lambda _: 0, cuts)
    for after, up_to in zip([0, *ends], ends, strict=False):
        found.add(scan(embedded.looking, Stretch(0, after, up_to, cuts, {})))
    return found


def test_any_stretches_make_the_same_trees(embedded: OpenLog):
    for count in (300, 77, 400):
        embedded.append(*(fact(at) for at in range(count)), partition="s1")
        embedded.append(*(fact(at) for at in range(60)), partition="s2")
    cuts = {"s1": [1, 300, 512, 777], "s2": [180]}
    whole = joined(embedded, [957], cuts)
    leaves = {
        name: [
            leaf for (leaf,) in embedded.rows("SELECT leaf FROM events WHERE partition = ? ORDER BY sequence", [name])
        ]
        for name in cuts
    }
    assert whole.faults == []
    assert whole.head_of("s1") == 777
    every_leaf = [leaf for (leaf,) in embedded.rows("SELECT leaf FROM events ORDER BY position")]
    assert whole.roots[0, 957] == root_of(every_leaf)
    assert whole.latest == {0: NOW}
    assert {key: root for key, root in whole.roots.items() if key[0] != 0} == {
        (name, at): root_of(leaves[name][:at]) for name, ats in cuts.items() for at in ats
    }

    @settings(max_examples=20)
    @given(st.sets(st.integers(1, 956), max_size=6))
    def check(ends: set[int]) -> None:
        split = joined(embedded, [*sorted(ends), 957], cuts)
        assert split.faults == []
        assert split.tiles == whole.tiles
        assert whole.roots.items() <= split.roots.items()

    check()


def test_what_no_stretch_sees_by_itself(embedded: OpenLog):
    embedded.append(fact(), fact(), fact(), fact())
    for position in (4, 3):
        changes = "sequence = sequence + 1, recorded_at = recorded_at - 5"
        embedded.change(f"UPDATE events SET {changes} WHERE position = {position}")
    faults = joined(embedded, [2, 4], {}).faults
    assert Fault("sequence 3 was expected here", "sequence", 0, None, "s1", 4) in faults
    assert Fault("recorded before the session's entry before it", "recorded_at", 0, None, "s1", 4) in faults
    assert Fault("recorded times run backwards after position 2", "recorded_at", 0, 3) in faults


def test_of_a_session_that_is_not_there_nothing_is_known(embedded: OpenLog):
    assert joined(embedded, [], {}).head_of("s1") == 0


def test_faults_of_all_stretches_are_told(embedded: OpenLog):
    embedded.append(*map(fact, range(4)))
    embedded.change("UPDATE events SET entity = 'camera:c' WHERE position IN (1, 3)")
    assert [fault.position for fault in joined(embedded, [2, 4], {}).faults] == [1, 3]


def test_a_session_in_a_shard_that_is_not_its_own(embedded: OpenLog):
    embedded.append(fact())
    found = Joined(lambda _: 3, {})
    found.add(scan(embedded.looking, Stretch(0, 0, 1, {}, {})))
    assert found.faults == [Fault("belongs into shard 3", "shard", 0, None, "s1", 1)]
