"""How far the views are behind, and how fast they come on."""

from ledger.projections.standing import ENTRIES_A_SECOND_MAX, PACE_WINDOW_SECONDS, Load, Pace, Standing, backlog_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_is_that_of_the_last_seconds():
    clock = Clock()
    pace = Pace(clock)
    for second in range(20):
        clock.now = second
        pace.note(1_000 if second >= 18 else 0)
    assert pace.a_second(1_000) == 1_000 / PACE_WINDOW_SECONDS
    clock.now += PACE_WINDOW_SECONDS
    assert pace.a_second(1_000) == 0


def test_what_was_seen_only_now_has_no_pace():
    clock = Clock()
    pace = Pace(clock)
    assert pace.a_second(5) is None
    clock.now = 10 * PACE_WINDOW_SECONDS
    assert pace.a_second(5) is None, "what it was so long ago says nothing of now"
    clock.now += 1
    assert pace.a_second(7) == 2


def test_a_load_is_what_goes_on_and_no_moment_in_which_some_come_together():
    clock = Clock()
    load = Load(clock)

    def is_heavy_after(seconds: float, entries: int) -> bool:
        clock.now += seconds
        load.note(entries)
        return load.is_heavy()

    assert not any(is_heavy_after(0.002, 4) for _ in range(1_000)), "a rate that is no load, for as long as it likes"
    assert not is_heavy_after(0.02, 40), "what a slow sync held up"
    assert is_heavy_after(0, 1_000)
    assert is_heavy_after(0.025, 0), "and a little while longer"
    assert not is_heavy_after(0.1, 0), "however much it was"
    assert any(is_heavy_after(0.01, ENTRIES_A_SECOND_MAX // 100 * 2) for _ in range(10))


def test_a_backlog_is_counted_by_shard_and_never_below_nothing():
    behind = tuple(backlog_of([5, 3, 1], [2, 3, 2]))
    assert behind == (3, 0, 0)
    assert Standing(behind, 0, None, None).lag == 3
