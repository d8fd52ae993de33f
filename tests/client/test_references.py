import pytest

from ledger.client.references import check_references, is_referring, last_named, number_of, reference
from ledger.domain.refusals import Invalid


def test_a_reference_names_one_fact_of_one_spool():
    assert number_of(reference("7f3kq2ab", 412)) == 412
    check_references({"sessionId": "~abc-1", "sourceEventId": "s1-e2", "score": 3}, "abc", 1)


def test_a_session_is_kept_apart_from_what_else_is_named():
    assert is_referring({"sessionId": "s1", "sourceEventId": "~abc-1"})
    assert not is_referring({"sessionId": "~abc-1", "sourceEventId": "s1-e2", "reason": "~abc-1"})


@pytest.mark.parametrize("text", ["s1-e412", "~abc", "~abc-0", "~abc-1 ", "x~abc-1", None, 5])
def test_whatever_else_is_none(text: object):
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("value", "why"), [("~other-1", "given out by another writer"), ("~abc-8", "never recorded here")]
)
def test_what_cannot_be_known_is_refused_at_once(value: str, why: str):
    with pytest.raises(Invalid, match=f"sourceEventId: {value} .*{why}"):
        check_references({"sourceEventId": value}, "abc", 7)


def test_the_last_fact_that_is_named_decides_what_must_have_arrived_before():
    assert last_named('{"sourceEventId":"~abc-7","eventId":"~abc-12","reason":"see ~abc-90"}') == 12
    assert last_named('{"eventId":"s1-e2"}') == 0
