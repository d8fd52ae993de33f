"""How far the views are behind, and how fast they come on."""

from ledger.projections.standing import PACE_WINDOW_SECONDS, Pace, Standing, backlog_of


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


def test_a_backlog_is_counted_by_shard_and_never_below_nothing():
    behind = tuple(backlog_of([5, 3, 1], [2, 3, 2]))
    assert behind == (3, 0, 0)
    assert Standing(behind, 0, None, None).lag == 3
