"""What counts as a refusal is what a ledger says in its own words; everything else is asked again."""

from typing import Any

import httpx2
import pytest

from ledger.client.answers import NoAnswer, Refused, Taken, answer_of, answers_of


def answered(status: int, body: Any, **headers: str) -> Any:
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    return answer_of(httpx2.Response(status, headers=headers, **content), 1)


def refusal(code: str, **detail: str) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": "no", "detail": detail}}


def test_a_result_is_an_acknowledgement():
    assert answered(200, {"ok": True, "result": "s-e1", "sequence": 1}) == Taken(["s-e1"])
    assert answered(200, {"ok": True, "result": None}) == Taken([None])
    assert isinstance(answered(200, {"ok": True, "result": ["s-e1", "s-e2"]}), NoAnswer)


@pytest.mark.parametrize(
    ("status", "code"),
    [(422, "invalid"), (404, "not_found"), (409, "conflict"), (409, "refused"), (413, "too_large"), (403, "forbidden")],
)
def test_a_refusal_names_its_code_and_field(status: int, code: str):
    assert answered(status, refusal(code, field="events[3].eventType")) == Refused(code, "no", "events[3].eventType")
    assert answered(status, refusal(code)) == Refused(code, "no", "")


def test_a_function_that_was_called_by_its_name_says_yes_and_no_in_answers():
    assert answered(200, {"status": "success", "value": "k", "logLines": []}) == Taken(["k"])
    no = {"code": "not_found", "message": "no", "field": "videoId"}
    assert answered(200, {"status": "error", "errorMessage": "no", "errorData": no, "logLines": []}) == Refused(
        "not_found", "no", "videoId"
    )
    assert answered(413, {"code": "too_large", "message": "no", "detail": {}}) == Refused("too_large", "no", "")
    assert answered(503, {"code": "unavailable", "message": "no", "detail": {}}) == NoAnswer("unavailable: no")


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
def test_what_may_pass_is_tried_again(status: int):
    assert answered(status, refusal("unavailable"), **{"Retry-After": "3"}) == NoAnswer("unavailable: no", 3.0)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<html>not found</html>"),
        (200, b"<html>please log in to this network</html>"),
        (200, b""),
        (200, {"ok": True}),
        (200, []),
        (502, {"error": "bad gateway"}),
        (200, {"status": "success"}),
        (200, {"status": "error", "errorMessage": "log in first"}),
        (403, {"code": "blocked", "message": "this network allows no uploads"}),
        (404, {"detail": "Not Found"}),
        (422, {"ok": False, "error": {"code": "invalid"}}),
    ],
)
def test_a_stranger_on_the_way_acknowledges_and_refuses_nothing(status: int, body: Any):
    assert isinstance(answered(status, body), NoAnswer)


YES = {"status": "success", "value": "s-m1", "logLines": []}
NO = {"status": "error", "errorMessage": "no", "errorData": {"code": "not_found", "message": "no"}, "logLines": []}


def answered_together(status: int, body: Any) -> Any:
    """Of a fact by itself, a batch of two, and another fact."""
    return answers_of(httpx2.Response(status, json=body), [1, 2, 1])


def test_each_of_several_is_answered_by_itself():
    two = YES | {"value": ["s-e2", "s-e3"]}
    refused = Refused("not_found", "no", "")
    assert answered_together(200, {"results": [YES, two, NO]}) == [Taken(["s-m1"]), Taken(["s-e2", "s-e3"]), refused]
    assert answered_together(200, {"results": [YES, NO]}) == [Taken(["s-m1"]), refused], "what follows was not tried"
    assert answered_together(404, {"code": "not_found", "message": "no", "detail": {}}) == refused, "all of them"
    assert answered_together(503, refusal("unavailable")) == NoAnswer("unavailable: no")


@pytest.mark.parametrize(
    "body",
    [
        {"results": []},
        {"results": [YES]},
        {"results": [YES, YES, YES]},
        {"results": [NO, NO, NO, NO]},
        {"results": [YES, None, YES]},
        {"results": {"0": YES}},
        {"ok": True, "result": ["s-m1", "s-e2", "s-e3", "s-m4"]},
        [],
    ],
)
def test_several_that_are_not_answered_as_they_were_asked_are_asked_again(body: Any):
    assert isinstance(answered_together(200, body), NoAnswer)
