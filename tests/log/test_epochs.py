"""The lives of a ledger, and up to where two of them are one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.epochs import Epoch, Epochs, OfAnotherEpoch, Origin, add_epoch, begin_epoch, read_epochs
from ledger.log.positions import Position
from tests.log.opened import OpenLog, fact

FIRST = Epoch("one", 1, None)
SECOND = Epoch("two", 2, Origin("one", (10, 4)))


def restored(name: str, origin: str, *heads: int) -> Epoch:
    return Epoch(name, 0, Origin(origin, heads))


def sent_back(epochs: Epochs, token: str) -> str:
    """Where somebody who hands back a token of another life is told to go back to."""
    with pytest.raises(OfAnotherEpoch) as refused:
        epochs.require_present(Position.parse(token), "Ledger-At-Least")
    assert refused.value.code == "conflict"
    assert refused.value.detail["field"] == "Ledger-At-Least"
    assert refused.value.detail["position"] in refused.value.message
    return str(refused.value.detail["position"])


def test_what_the_present_life_gave_out_passes():
    Epochs([FIRST, SECOND], 2).require_present(Position.parse("two.0-99.1-99"), "Ledger-At-Least")


@pytest.mark.parametrize(
    ("token", "back"),
    [
        ("one.0-7.1-2", "two.0-7.1-2"),
        ("one.0-12.1-2", "two.0-10.1-2"),
        ("one.0-99.1-99", "two.0-10.1-4"),
        ("one.1-3", "two.1-3"),
        ("one.1-99", "two.1-4"),
        ("one.7-99", "two.0-10.1-4"),
        ("none.0-7.1-2", "two.0-0.1-0"),
    ],
)
def test_a_token_of_another_life_is_sent_back_to_where_the_two_part(token: str, back: str):
    assert sent_back(Epochs([FIRST, SECOND], 2), token) == back


def test_a_place_of_another_life_counts_as_far_as_both_have_it():
    epochs = Epochs([FIRST, SECOND], 2)
    for epoch, shard, position in (("two", 0, 99), ("one", 0, 10), ("one", 1, 4)):
        epochs.require_shared(epoch, shard, position, "fromPosition")
    for epoch, position, back in (("one", 11, "two.0-10.1-4"), ("none", 1, "two.0-0.1-0")):
        with pytest.raises(OfAnotherEpoch, match=f"fromPosition: .*up to {back}") as refused:
            epochs.require_shared(epoch, 0, position, "fromPosition")
        assert refused.value.detail["position"] == back


def test_after_several_restores_the_earliest_of_them_counts():
    lives = [FIRST, restored("two", "one", 10), restored("three", "two", 15), restored("four", "three", 12)]
    epochs = Epochs(lives, 1)
    assert [sent_back(epochs, f"{name}.0-99") for name in ("one", "two", "three")] == [
        "four.0-10",
        "four.0-12",
        "four.0-12",
    ]


def test_two_lives_that_left_the_same_one_share_what_both_had_of_it():
    """The second was restored from a backup of the first, and the third from an earlier or a later one of the first again."""
    for left_at, shared in ((5, 5), (15, 10)):
        epochs = Epochs([FIRST, restored("two", "one", 10), restored("three", "one", left_at)], 1)
        assert sent_back(epochs, "two.0-13") == f"three.0-{shared}"
        assert sent_back(epochs, "two.0-3") == "three.0-3"
        assert sent_back(epochs, "one.0-99") == f"three.0-{left_at}"


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 6)), max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_the_point_to_go_back_to_is_as_far_as_the_facts_are_the_same(
    restores: list[tuple[int, int]], theirs: int, entries: int
):
    """Every life records facts that no other has: told by comparing whole histories."""
    histories = [[("life-0", n) for n in range(entries)]]
    lives = [Epoch("life-0", 0, None)]
    for choice, grown in restores:
        origin = choice % len(lives)
        kept = histories[origin][: choice % (len(histories[origin]) + 1)]
        lives.append(restored(f"life-{len(lives)}", lives[origin].name, len(kept)))
        histories.append(kept + [(lives[-1].name, n) for n in range(grown)])
    lost = theirs % len(lives)
    shared = next(
        (n for n, (a, b) in enumerate(zip(histories[lost], histories[-1], strict=False)) if a != b),
        min(len(histories[lost]), len(histories[-1])),
    )
    heads = Epochs(lives, 1).shared_with(lives[lost].name)
    assert heads is not None
    assert min(heads[0], len(histories[lost]), len(histories[-1])) == shared


def test_lives_are_read_back_as_they_were_written_down(opened: OpenLog):
    opened.append(fact(), fact())
    first = opened.log.epochs.present
    with opened.writing.begin() as connection:
        lost = restored("lost", first.name, 1)
        begun = begin_epoch(connection, 7, (first, lost))
        assert begun == Epoch(begun.name, 7, Origin(first.name, (2,)))
        assert list(read_epochs(connection)) == [first, lost, begun]
    opened.reopen()
    assert opened.log.epoch == begun.name
    assert sent_back(opened.log.epochs, "lost.0-9") == f"{begun.name}.0-1"
    assert sent_back(opened.log.epochs, f"{first.name}.0-9") == f"{begun.name}.0-2"


def test_every_life_has_a_name_of_its_own():
    with TemporaryDirectory() as folder:
        logs = [OpenLog(Path(folder) / f"{n}.sqlite") for n in range(3)]
        assert len({log.log.epoch for log in logs}) == 3
        with logs[0].writing.begin() as connection, pytest.raises(Exception, match="UNIQUE"):
            add_epoch(connection, logs[0].log.epochs.present, 1)
        for log in logs:
            log.close()
