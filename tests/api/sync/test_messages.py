"""Messages, to the letter."""

import json

import pytest

from ledger.api.sync import messages
from ledger.api.sync.messages import MessageError, Version, parse
from ledger.application.live.registry import Lack, LiveAnswer
from ledger.domain.refusals import Invalid


def test_what_a_client_says_is_read_with_fields_that_nobody_knows_yet():
    said = parse('{"type":"Mutation","requestId":3,"udfPath":"a:b","args":[{}],"news":1}')
    assert isinstance(said, messages.CallMutation)
    assert (said.request_id, said.udf_path, said.args) == (3, "a:b", [{}])


@pytest.mark.parametrize(
    "text", ["", "[]", '{"type":"Mutation"}', "[" * 100_000, '{"type":"Event","eventType":"\\ud800"']
)
def test_what_is_no_message_is_told(text: str):
    with pytest.raises(MessageError, match="no message of the client protocol"):
        parse(text)


def test_an_answer_is_told_with_its_journal_and_urls_on_the_callers_origin():
    answer = LiveAnswer('{"url":"\\u0000origin/api/storage/1"}', "end")
    told = json.loads(messages.updated(4, answer, "http://here"))
    assert told == {
        "queryId": 4,
        "type": "QueryUpdated",
        "value": {"url": "http://here/api/storage/1"},
        "logLines": [],
        "journal": "end",
    }


def test_a_failure_is_told_with_its_code_and_its_rule():
    told = json.loads(messages.updated(4, LiveAnswer("", failure=Invalid("limit", "must be less")), ""))
    assert told["errorMessage"] == "limit: must be less"
    assert told["errorData"] == {
        "code": "invalid",
        "message": "limit: must be less",
        "field": "limit",
        "rule": "must be less",
    }


def test_a_cursor_that_is_no_good_makes_a_paged_list_begin_again():
    told = json.loads(messages.responded_failure("Action", 1, Invalid("cursor", "is not a cursor of this ledger")))
    assert told["result"].startswith("InvalidCursor")
    assert told["errorData"]["paginationError"] == "InvalidCursor"


def test_only_what_was_recorded_has_a_timestamp():
    assert json.loads(messages.responded("Mutation", 1, '"id"', 8))["ts"] == "CAAAAAAAAAA="
    assert "ts" not in json.loads(messages.responded("Action", 1, "null", None))
    assert json.loads(messages.responded_failure("Mutation", 1, Invalid("a", "b")))["ts"] is None


def test_a_transition_goes_from_one_version_to_another():
    told = json.loads(messages.transition(Version(), Version(1, 2, 8), ["{}"], ',"clientClockSkew":-3'))
    assert told["startVersion"] == {"querySet": 0, "identity": 0, "ts": "AAAAAAAAAAA="}
    assert told["endVersion"] == {"querySet": 1, "identity": 2, "ts": "CAAAAAAAAAA="}
    assert (told["modifications"], told["clientClockSkew"]) == ([{}], -3)


def test_what_an_answer_lacks_is_what_its_query_logs():
    late = LiveAnswer("1", lack=Lack(stale=True))
    refused = LiveAnswer("", failure=Invalid("limit", "must be less"), lack=Lack(parked=("s1",)))
    told = [json.loads(messages.updated(0, answer, "")) for answer in (late, refused)]
    assert [it["logLines"] for it in told] == [
        ["[WARN] 'the views are behind the log: the answer may lack the newest facts'"],
        ["[WARN] 'the views lack events of s1, which are parked'"],
    ]
