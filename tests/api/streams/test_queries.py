import json
from typing import Any

from ledger.api.streams.queries import Question
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Query
from ledger.application.live.registry import Lack, LiveAnswer
from ledger.log.positions import Position
from tests.api.streams.reading import reading
from tests.serving import Serving


def test_a_question_goes_on_being_answered(serving: Serving):
    session_id = serving.session(title="one")
    with reading(serving, "/production/session", sessionId=session_id) as reader:
        assert reader.next().value["title"] == "one"
        serving.record("session/update", sessionId=session_id, title="two")
        answer = reader.next()
        assert (answer.name, answer.value["title"]) == ("answer", "two")


def test_the_captures_are_watched_without_an_argument(serving: Serving):
    with reading(serving, "/captures") as reader:
        before = reader.next().value
        capture_id = serving.client.post("/captures", json={"imageUrl": "streamed", "source": "s"}).json()["result"]
        after = reader.next().value
        assert after[0]["_id"] == capture_id
        assert before[:19] == after[1:20]


def test_what_another_session_records_is_no_news(serving: Serving):
    mine, other = serving.session(title="mine"), serving.session()
    with reading(serving, "/production/session", sessionId=mine) as reader:
        reader.next()
        serving.record("session/update", sessionId=other, title="other")
        serving.record("session/update", sessionId=mine, title="again")
        assert reader.next().value["title"] == "again"


def test_a_question_that_is_refused_is_told_when_it_is_not_any_more(serving: Serving):
    with reading(serving, "/production/cameras", sessionId="s0nobody") as reader:
        refused = reader.next()
        assert (refused.name, refused.value["code"]) == ("problem", "not_found")


def test_a_reader_that_comes_back_is_shown_no_less_than_it_was_and_one_of_another_life_what_there_is(serving: Serving):
    session_id = serving.session(title="one")
    with reading(serving, "/production/session", sessionId=session_id) as reader:
        seen = reader.next().event_id
    token = serving.get("session", sessionId=session_id).headers["Ledger-Position"]
    assert seen is not None
    assert seen.rpartition("-")[0] == token.rpartition("-")[0], "an answer's id is the position that it shows"
    serving.record("session/update", sessionId=session_id, title="two")
    for last in (seen, f"0000{seen}", "7"):
        with reading(serving, "/production/session", {"Last-Event-ID": last}, sessionId=session_id) as reader:
            assert reader.next().value["title"] == "two"


def answer(said: str, **lack: Any) -> LiveAnswer:
    return LiveAnswer(json.dumps(said), lack=Lack(**lack), position=Position("e", ((0, 7),)))


def test_what_an_answer_lacks_is_told_before_it_and_alone_where_nothing_else_has_changed():
    function = BY_NAME["production:getProductionSession"]
    assert isinstance(function, Query)
    question = Question(function, function.arguments.model_construct(), Caller(), None, None)
    one, late = answer("one"), answer("one", stale=True, parked=("s1",))
    assert question.told(one, None) == 'id: e.0-7\nevent: answer\ndata: "one"\n\n'
    lacking = 'event: lacking\ndata: {"stale": true, "parked": ["s1"]}\n\n'
    assert question.told(late, None) == lacking + question.told(one, None)
    assert question.told(late, one) == lacking
    assert question.told(one, late) == 'event: lacking\ndata: {"stale": false, "parked": []}\n\n'
    assert question.told(answer("two", stale=True, parked=("s1",)), late).startswith("id: ")
