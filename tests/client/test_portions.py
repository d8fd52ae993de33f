"""A request is as large as the line has shown that it may be."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.client.batches import BATCH_FACTS_MAX, REQUEST_FACTS_MAX
from ledger.client.portions import SOON_SECONDS, TRIED_AGAIN_AFTER, Portion

SOON = SOON_SECONDS / 2
LATE = SOON_SECONDS * 2


def full(portion: Portion, times: int, seconds: float = SOON) -> int:
    for _ in range(times):
        portion.answered(portion.fact_count, seconds)
    return portion.fact_count


def test_it_grows_while_answers_come_soon_and_shrinks_when_they_do_not():
    portion = Portion()
    assert portion.fact_count == BATCH_FACTS_MAX
    assert full(portion, 1) == 2 * BATCH_FACTS_MAX
    assert full(portion, 10) == REQUEST_FACTS_MAX
    assert full(portion, 1, LATE) < REQUEST_FACTS_MAX
    assert full(portion, 10, LATE) == BATCH_FACTS_MAX


def test_a_few_facts_that_came_through_say_nothing_of_thousands():
    portion = Portion()
    for _ in range(100):
        portion.answered(3, SOON)
    assert portion.fact_count == BATCH_FACTS_MAX


def test_what_did_not_come_through_is_not_tried_as_large_again_for_a_while():
    portion = Portion()
    full(portion, 10)
    portion.unanswered(REQUEST_FACTS_MAX)
    assert portion.fact_count == BATCH_FACTS_MAX
    assert full(portion, 10) == REQUEST_FACTS_MAX // 2
    assert full(portion, TRIED_AGAIN_AFTER) == REQUEST_FACTS_MAX


def test_an_outage_in_which_little_was_tried_says_nothing_of_what_is_large():
    portion = Portion()
    for _ in range(100):
        portion.unanswered(3)
    assert full(portion, 10) == REQUEST_FACTS_MAX


@given(st.lists(st.tuples(st.booleans(), st.integers(1, REQUEST_FACTS_MAX), st.sampled_from((SOON, LATE)))))
def test_it_is_never_less_than_a_batch_nor_more_than_a_request(told: list[tuple[bool, int, float]]):
    portion = Portion()
    for came, fact_count, seconds in told:
        if came:
            portion.answered(fact_count, seconds)
        else:
            portion.unanswered(fact_count)
        assert BATCH_FACTS_MAX <= portion.fact_count <= REQUEST_FACTS_MAX
