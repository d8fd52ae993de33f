"""A long answer, piece by piece: nothing is missing, nothing comes twice, and a cursor is good for its own question."""

import base64
import json
from typing import Any

import pytest

from ledger.application.pages import Cursor, Pages, PageText, page
from ledger.domain.refusals import Invalid
from ledger.log.epochs import Epoch, Epochs
from tests.application.asking import Asking

FUNCTIONS = ["exportProductionEventPage", "listSessionHistory", "listProductionSessions"]


def tampered(cursor: str, change: Any) -> str:
    """The same cursor with its parts changed."""
    epoch, _, text = cursor.partition(".")
    parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return f"{epoch}.{base64.urlsafe_b64encode(json.dumps(change(parts)).encode()).decode().rstrip('=')}"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_of_any_size_make_the_whole(ask: Asking, size: int):
    session = ask.start()
    events = [ask.cut(session, at) for at in (5, 1, 5, 3.5, 5, 0, 2)]
    in_time = [events[index] for index in (5, 1, 6, 3, 0, 2, 4)]
    assert [event["_id"] for event in ask.pages("exportProductionEventPage", size, sessionId=session)] == in_time
    history = ask.pages("listSessionHistory", size, sessionId=session)
    assert [line["sequence"] for line in history] == list(range(1, 9))
    sessions = [session, *(ask.start() for _ in range(3))]
    assert [found["_id"] for found in ask.pages("listProductionSessions", size)] == sessions[::-1]


def test_the_options_may_be_flat_or_together_and_default_to_a_hundred():
    assert (Pages().count, Pages().token) == (100, None)
    flat = Pages(num_items=5, cursor="abc")
    together = Pages.model_validate({"paginationOpts": {"numItems": 5, "cursor": "abc"}})
    assert (flat.count, flat.token) == (together.count, together.token) == (5, "abc")


def first_cursor(ask: Asking, function: str, session: str) -> tuple[dict[str, Any], str]:
    arguments = {} if function == "listProductionSessions" else {"sessionId": session}
    return arguments, ask.read(function, numItems=1, **arguments)["continueCursor"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_no_cursor_is_refused_and_never_a_fault(ask: Asking, function: str):
    session = ask.start()
    ask.cut(session, 1)
    arguments, cursor = first_cursor(ask, function, session)
    changes = (
        lambda parts: parts[:-1],
        lambda parts: [*parts, 1],
        lambda parts: [*parts[:2], *(float("inf") for _ in parts[2:])],
        lambda parts: [*parts[:2], *(float("nan") for _ in parts[2:])],
        lambda parts: [*parts[:2], *(2**70 for _ in parts[2:])],
        lambda parts: [*parts[:2], *(True for _ in parts[2:])],
        lambda parts: [*parts[:2], *("x" for _ in parts[2:])],
        lambda parts: [parts[0], 2**70, *parts[2:]],
        lambda parts: [parts[0], -1, *parts[2:]],
        lambda parts: [parts[0], "1", *parts[2:]],
        lambda parts: [None, *parts[1:]],
        lambda parts: {"a": 1},
        lambda parts: 5,
        lambda parts: json.loads("[" * 300 + "]" * 300),
    )
    for broken in ("x", "====", "é", "AAAA", cursor[:-4], *(tampered(cursor, change) for change in changes)):
        with pytest.raises(Invalid) as refused:
            ask.read(function, cursor=broken, **arguments)
        assert refused.value.detail["field"] == "cursor"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_cursor_is_good_for_its_own_question_only(ask: Asking, function: str):
    session, other = ask.start(), ask.start()
    ask.cut(session, 1)
    arguments, cursor = first_cursor(ask, function, session)
    others: list[tuple[str, dict[str, Any]]] = [
        (function, arguments | ({"status": "setup"} if function == "listProductionSessions" else {"sessionId": other})),
        *((name, {"sessionId": session}) for name in FUNCTIONS[:2] if name != function),
    ]
    for name, asked in others:
        with pytest.raises(Invalid, match="belongs to another question"):
            ask.read(name, cursor=cursor, **asked)


def test_an_export_is_whole_and_stable_while_appends_go_on(ask: Asking):
    session = ask.start()
    events = [ask.cut(session, at) for at in (10, 20, 30)]
    first = ask.read("exportProductionEventPage", sessionId=session, numItems=1)
    late = [ask.cut(session, at) for at in (5, 15, 40)]
    rest = ask.read("exportProductionEventPage", sessionId=session, cursor=first["continueCursor"])
    assert [event["_id"] for event in first["page"] + rest["page"]] == events
    assert rest["isDone"]
    everything = ask.pages("exportProductionEventPage", 2, sessionId=session)
    assert {event["_id"] for event in everything} == {*events, *late}


def test_an_export_keeps_to_what_its_first_page_could_see(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    """Events that the log had, but the views had not, would else be in the later pages and not in the first."""
    session = ask.start()
    events = [ask.cut(session, at) for at in (10, 20)]
    ask.read("getProductionSession", sessionId=session)
    ask.ledger.runner.stop()
    monkeypatch.setattr("ledger.application.ledger.WAIT_SECONDS_MAX", 0.0)
    for at in (5, 15):
        ask.cut(session, at)
    first = ask.read("exportProductionEventPage", sessionId=session, numItems=1)
    ask.ledger.runner.catch_up()
    rest = ask.read("exportProductionEventPage", sessionId=session, cursor=first["continueCursor"])
    assert [event["_id"] for event in first["page"] + rest["page"]] == events


@pytest.mark.parametrize(
    "changes", [{"void": True}, {"timestampMs": 5}, {"timestampMs": 35}, {"eventType": "hold"}], ids=str
)
def test_an_export_is_stable_while_its_events_are_corrected(ask: Asking, changes: dict[str, Any]):
    session = ask.start()
    events = [ask.cut(session, at) for at in (10, 20, 30)]
    arguments = {"sessionId": session, "eventType": "cut"}
    first = ask.read("exportProductionEventPage", numItems=1, **arguments)
    ask.write("correctDirectorEvent", sessionId=session, eventId=events[1], changes=changes, reason="slip")
    rest = ask.read("exportProductionEventPage", cursor=first["continueCursor"], **arguments)
    assert [(event["_id"], event["timestampMs"]) for event in first["page"] + rest["page"]] == [
        (events[0], 10),
        (events[1], 20),
        (events[2], 30),
    ]


def test_what_was_recorded_and_corrected_after_an_export_began_is_not_in_it(ask: Asking):
    session = ask.start()
    events = [ask.cut(session, at) for at in (10, 20)]
    first = ask.read("exportProductionEventPage", sessionId=session, numItems=1)
    late = ask.cut(session, 15)
    ask.write("correctDirectorEvent", sessionId=session, eventId=late, changes={"score": 1}, reason="slip")
    rest = ask.read("exportProductionEventPage", sessionId=session, cursor=first["continueCursor"])
    assert [event["_id"] for event in first["page"] + rest["page"]] == events


def test_the_history_can_be_followed_from_its_end(ask: Asking):
    session = ask.start()
    end = ask.read("listSessionHistory", sessionId=session)
    assert end["isDone"]
    assert ask.read("listSessionHistory", sessionId=session, cursor=end["continueCursor"]) == {**end, "page": []}
    ask.cut(session, 1)
    more = ask.read("listSessionHistory", sessionId=session, cursor=end["continueCursor"])
    assert [line["sequence"] for line in more["page"]] == [2]


def test_an_answer_with_nothing_in_it_is_done():
    cursor = Cursor.of(Pages(), Epochs([Epoch("e1", 0, None)], 1), scope="x", filters=[])
    assert json.loads(page([], 5, cursor)) == {"page": [], "isDone": True, "continueCursor": ""}


LIFE = Epochs([Epoch("e1", 0, None)], 1)


def live_page(count: int, places: list[int], until: str | None = None, through: int | None = None) -> Any:
    """A page that is watched, of items with these places."""
    asked = Pages.model_validate({"paginationOpts": {"numItems": count, "endCursor": until, "id": 7}})
    cursor = Cursor.of(asked, LIFE, scope="x", filters=[], is_live=True)
    found = [(str(place), (place, 0)) for place in places]
    text = page(found, asked.count, cursor, through=(through, 0) if through is not None else None)
    assert isinstance(text, PageText)
    told = json.loads(text)
    assert text.end == told["continueCursor"], "asked again it ends where it says that the next begins"
    return told


def test_a_watched_page_keeps_its_end_and_holds_whatever_comes_before_it():
    first = live_page(2, [1, 3, 5])
    assert (first["page"], first["isDone"]) == ([1, 3], False)
    grown = live_page(2, [1, 2, 3], until=first["continueCursor"])
    assert (grown["page"], grown["isDone"]) == ([1, 2, 3], False)
    assert grown["continueCursor"] == first["continueCursor"]


def test_a_watched_last_page_has_no_end():
    last = live_page(2, [1])
    grown = live_page(2, [1, 2, 3, 4], until=last["continueCursor"])
    assert (grown["page"], grown["isDone"]) == ([1, 2, 3, 4], True)


def test_a_watched_page_that_holds_more_than_an_answer_must_be_divided():
    last = live_page(2, [1])
    assert "pageStatus" not in last
    torn = live_page(2, [1, 2, 3], until=last["continueCursor"], through=3)
    assert (torn["pageStatus"], torn["isDone"]) == ("SplitRequired", False)
    half = live_page(2, [1, 2], until=torn["splitCursor"])
    assert (half["page"], half["isDone"]) == ([1, 2], False)
