import json
import re
from typing import Any

import pytest

from ledger.api.functions.answers import Style, told, told_failure
from ledger.application.ledger import Answer
from ledger.domain.refusals import Invalid, Unauthorized
from ledger.log.positions import Position
from ledger.log.requests import LogUnavailableError

JAVASCRIPT = Style.of({"headers": [(b"convex-client", b"npm-1.48.0")]})
PYTHON = Style.of({"headers": [(b"convex-client", b"python-0.8.1")]})


def answer(json: str, **lack: Any) -> Answer:
    return Answer(json, Position("e", ((0, 1),)), **lack)


def test_what_an_answer_lacks_is_told_as_clients_show_it():
    lines = json.loads(told(answer("null", stale=True, parked=("s1", "s2")), PYTHON, "json"))["logLines"]
    assert [re.match(r"\[WARN\] '.+'$", line) is not None for line in lines] == [True, True], (
        "or JavaScript's shows none"
    )
    assert "behind the log" in lines[0]
    assert "events of s1, s2, which are parked" in lines[1]


def test_python_is_told_every_number_as_a_float():
    assert (
        told(answer('{"n":58}'), JAVASCRIPT, "convex_encoded_json")
        == '{"status":"success","value":{"n":58},"logLines":[]}'
    )
    assert (
        told(answer('{"n":58}'), PYTHON, "convex_encoded_json")
        == '{"status":"success","value":{"n":58.0},"logLines":[]}'
    )


def test_plain_json_is_left_as_it_is():
    assert json.loads(told(answer('{"$n":1}'), JAVASCRIPT, "json"))["value"] == {"$n": 1}
    assert json.loads(told(answer('{"$n":1}'), JAVASCRIPT, "convex_encoded_json"))["value"] == {"%24n": 1}


def test_a_refusal_is_told_with_its_code():
    said = json.loads(told_failure(Invalid("score", "must be a number"), JAVASCRIPT))
    assert said == {
        "status": "error",
        "errorMessage": "score: must be a number",
        "errorData": {
            "code": "invalid",
            "message": "score: must be a number",
            "field": "score",
            "rule": "must be a number",
        },
        "logLines": [],
    }


@pytest.mark.parametrize("failure", [Unauthorized("no key"), LogUnavailableError("full"), ZeroDivisionError()])
def test_what_is_no_functions_answer_is_raised(failure: Exception):
    with pytest.raises(type(failure)):
        told_failure(failure, JAVASCRIPT)
