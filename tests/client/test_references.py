import pytest

from ledger.client.references import named_in, number_of, reference
from ledger.domain.refusals import Invalid


def test_a_reference_names_one_fact_of_one_spool():
    assert number_of(reference("7f3kq2ab", 412)) == 412
    assert named_in({"sessionId": "~abc-1", "sourceEventId": "s1-e2", "score": 3}, "abc", 1) == {"sessionId": 1}


@pytest.mark.parametrize("text", ["s1-e412", "~abc", "~abc-0", "~abc-1 ", "x~abc-1", None, 5])
def test_whatever_else_is_none(text: object):
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("value", "why"), [("~other-1", "given out by another writer"), ("~abc-8", "never recorded here")]
)
def test_what_cannot_be_known_is_refused_at_once(value: str, why: str):
    with pytest.raises(Invalid, match=f"sourceEventId: {value} .*{why}"):
        named_in({"sourceEventId": value}, "abc", 7)
