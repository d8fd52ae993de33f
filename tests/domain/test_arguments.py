"""What is wrong with arguments is told by the field and the rule."""

import pytest

from ledger.domain.arguments import ERRORS_TOLD_MAX, parse_arguments
from ledger.domain.director import MarkHeroPose, RecordDirectorEvents
from ledger.domain.refusals import Invalid


def test_a_null_counts_as_not_given():
    marked = parse_arguments(MarkHeroPose, {"sessionId": "s", "timestampMs": 1, "reason": None})
    assert marked.model_fields_set == {"session_id", "timestamp_ms"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "arguments: must be a JSON object"),
        ({"timestampMs": 1}, "sessionId: is required"),
        ({"sessionId": " ", "timestampMs": 1}, "sessionId: must hold more than spaces"),
        ({"session_id": "s", "timestampMs": 1}, "sessionId: is required"),
        ({"sessionId": "s", "timestampMs": "x"}, "timestampMs: must be a number"),
    ],
)
def test_the_first_fault_is_told_in_words(arguments: object, told: str):
    with pytest.raises(Invalid, match=told):
        parse_arguments(MarkHeroPose, arguments)


def test_several_faults_are_all_told_up_to_a_number():
    with pytest.raises(Invalid) as refused:
        parse_arguments(RecordDirectorEvents, {"sessionId": "s", "events": [{"eventType": "cut"}] * 50})
    assert len(refused.value.detail["errors"]) == ERRORS_TOLD_MAX
    assert refused.value.detail["field"] == "events[0].timestampMs"
