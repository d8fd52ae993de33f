import pytest

from ledger.domain.refusals import UnknownValue
from ledger.domain.vocabulary import EVENT_TYPES, Vocabulary, require_known


def test_a_value_that_is_not_given_breaks_nothing():
    require_known("eventType", None, EVENT_TYPES)
    require_known("eventType", "cut", EVENT_TYPES)


@pytest.mark.parametrize("value", ["", "Cut", "cut ", "jump"])
def test_a_value_that_is_not_listed_is_refused(value: str):
    with pytest.raises(UnknownValue):
        require_known("eventType", value, EVENT_TYPES)


def test_a_deployment_may_list_values_of_its_own():
    vocabulary = Vocabulary(event_types=EVENT_TYPES | {"jump"})
    require_known("eventType", "jump", vocabulary.event_types)
    assert "jump" not in Vocabulary().event_types
