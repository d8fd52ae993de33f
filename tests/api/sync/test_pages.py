"""Lists that are watched page by page: pages keep their ends, grow between them, and the last one never ends."""

from typing import Any, Final

import pytest

from tests.api.sync.speaking import Speaking, add, speaks
from tests.serving import Serving

EVENTS: Final = "production:exportProductionEventPage"
HISTORY: Final = "production:listSessionHistory"
SESSIONS: Final = "production:listProductionSessions"


@pytest.fixture
def session_id(serving: Serving) -> str:
    return serving.session()


def cut(serving: Serving, session_id: str, *times: float) -> None:
    events = [{"timestampMs": at, "eventType": "cut"} for at in times]
    serving.record("event/batch", sessionId=session_id, events=events)


def options(count: int, cursor: str | None = None, **more: Any) -> dict[str, Any]:
    return {"numItems": count, "cursor": cursor, "id": 1} | more


def times(client: Speaking, *pages: int) -> list[list[float]]:
    return [[event["timestampMs"] for event in client.values[page]["page"]] for page in pages]


def test_pages_meet_without_a_gap_whatever_comes_in(serving: Serving, session_id: str):
    cut(serving, session_id, 1, 2, 3, 4, 5)
    with speaks(serving) as client:
        first = client.watch(0, EVENTS, sessionId=session_id, paginationOpts=options(2))
        client.watch(1, EVENTS, sessionId=session_id, paginationOpts=options(2, first["continueCursor"]))
        client.watch(2, EVENTS, sessionId=session_id, paginationOpts=options(2, client.values[1]["continueCursor"]))
        assert times(client, 0, 1, 2) == [[1, 2], [3, 4], [5]]
        cut(serving, session_id, 1.5, 2.5, 9, 0)
        client.hear()
        assert times(client, 0, 1, 2) == [[0, 1, 1.5, 2], [2.5, 3, 4], [5, 9]]
        assert [client.values[page]["isDone"] for page in (0, 1, 2)] == [False, False, True]
        cut(serving, session_id, *range(10, 20))
        client.hear()
        assert times(client, 2) == [[5, 9, *range(10, 20)]], "the last page stays open"


def test_a_page_that_has_grown_says_where_it_is_to_be_divided(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.watch(0, EVENTS, sessionId=session_id, paginationOpts=options(2))
        cut(serving, session_id, *range(9))
        grown = client.hear()["modifications"][0]["value"]
        assert len(grown["page"]) == 9
        split, end = grown["splitCursor"], grown["continueCursor"]
        client.watch(1, EVENTS, sessionId=session_id, paginationOpts=options(2, endCursor=split))
        client.watch(2, EVENTS, sessionId=session_id, paginationOpts=options(2, split, endCursor=end))
        assert [at for page in times(client, 1, 2) for at in page] == list(range(9))
        cut(serving, session_id, 100)
        client.hear()
        assert times(client, 2)[0][-1] == 100
        assert client.values[2]["isDone"]


def test_a_list_that_is_newest_first_grows_at_its_beginning(serving: Serving):
    slug = serving.session()  # a name that nobody else has
    old = [serving.session(projectSlug=slug, timestampMs=at, status="rolling") for at in (1, 2, 3)]
    with speaks(serving) as client:
        first = client.watch(0, SESSIONS, projectSlug=slug, paginationOpts=options(2))
        client.watch(1, SESSIONS, projectSlug=slug, paginationOpts=options(2, first["continueCursor"]))
        new = serving.session(projectSlug=slug, timestampMs=4, status="rolling")
        client.hear()
        assert [session["_id"] for session in client.values[0]["page"]] == [new, old[2], old[1]]
        assert [session["_id"] for session in client.values[1]["page"]] == [old[0]]
        assert client.values[1]["isDone"]


def test_a_journal_brings_a_page_back_with_its_end(serving: Serving, session_id: str):
    cut(serving, session_id, 1, 2, 3)
    with speaks(serving) as client:
        client.modify(add(0, EVENTS, sessionId=session_id, paginationOpts=options(2)))
        journal = client.hear()["modifications"][0]["journal"]
    cut(serving, session_id, 1.5)
    with speaks(serving, client.session_id) as again:
        again.watch(0, EVENTS, journal=journal, sessionId=session_id, paginationOpts=options(2))
        assert times(again, 0) == [[1, 1.5, 2]]
        again.watch(1, EVENTS, sessionId=session_id, paginationOpts=options(2))
        assert times(again, 1) == [[1, 1.5]], "whoever comes anew is given a first page of its own"


def test_the_history_shows_no_more_than_all_else_that_is_watched(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.modify(
            add(0, HISTORY, sessionId=session_id, paginationOpts=options(1)),
            add(1, "production:getProductionTimeline", sessionId=session_id),
        )
        client.shown(1)
        for at in range(20):
            client.ask("production:appendDirectorEvent", sessionId=session_id, timestampMs=at, eventType="cut")
        seen = 0
        while seen < 20:
            client.hear()
            seen = len(client.values[1]["directorEvents"])
            assert len(client.values[0]["page"]) == seen + 1


def test_a_cursor_that_is_none_makes_a_list_begin_again(serving: Serving, session_id: str):
    with speaks(serving) as client:
        client.modify(add(0, EVENTS, sessionId=session_id, paginationOpts=options(2, "nonsense")))
        (failed,) = client.hear()["modifications"]
        assert failed["errorMessage"].startswith("InvalidCursor")
        assert failed["errorData"]["paginationError"] == "InvalidCursor"
