"""What is wrong with arguments is told by the field and the rule."""

from typing import Annotated

import pytest
from pydantic import Field

from ledger.domain.arguments import ERRORS_TOLD_MAX, parse_arguments
from ledger.domain.director import MarkHeroPose, RecordDirectorEvents
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen
from ledger.domain.videos import UpdateVideoResults


class Several(Frozen):
    kinds: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


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


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        (Several, {"kinds": []}, "kinds: must have at least 1 item, not 0"),
        (MarkHeroPose, {"sessionId": "s" * 513, "timestampMs": 1}, "sessionId: must have at most 512 characters"),
        (UpdateVideoResults, {"videoId": "v", "results": [1]}, "results: must be an object"),
    ],
)
def test_a_rule_is_told_in_the_words_of_json(kind: type[Frozen], arguments: object, told: str):
    with pytest.raises(Invalid) as refused:
        parse_arguments(kind, arguments)
    assert refused.value.message == told


def test_several_faults_are_all_told_up_to_a_number():
    with pytest.raises(Invalid) as refused:
        parse_arguments(RecordDirectorEvents, {"sessionId": "s", "events": [{"eventType": "cut"}] * 50})
    assert len(refused.value.detail["errors"]) == ERRORS_TOLD_MAX
    assert refused.value.detail["field"] == "events[0].timestampMs"
