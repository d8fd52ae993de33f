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
