"""Reads over HTTP: filters, limits, pages and windows."""

from typing import Any, Final

import pytest

from tests.serving import Serving

KINDS: Final = ("cut", "hold", "bar_fire")


@pytest.fixture(scope="module")
def session_id(serving: Serving) -> str:
    """Director events, two a millisecond; stills, two of one score; music moments and assets. Only read."""
    session_id = serving.session()
    events = [
        {"timestampMs": 1_000 + n // 2, "eventType": KINDS[n % 3], "cameraId": f"cam-{n % 2}"} for n in range(250)
    ]
    serving.record("event/batch", sessionId=session_id, events=events[::-1])
    for n in range(120):
        still = {"cameraId": f"cam-{n % 2}", "timestampMs": 1_000 + n, "score": (n // 2) / 60, "isFavorite": n % 4 == 0}
        serving.record("still-candidate", sessionId=session_id, **still)
        serving.record("music-moment", sessionId=session_id, timestampMs=2_000 - n, section="build")
    for n in range(101):
        serving.record("asset", sessionId=session_id, assetType=("clip", "hero_still")[n % 2], path=f"/{n}")
    return session_id


def _all_pages(serving: Serving, route: str, **asked: Any) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        result = serving.ask(route, **asked, **({"cursor": cursor} if cursor else {}))
        assert list(result) == ["page", "isDone", "continueCursor"]
        found += result["page"]
        cursor = result["continueCursor"]
        assert isinstance(cursor, str)
        if result["isDone"]:
            return found
        assert len(result["page"]) == asked["numItems"]


def _order(event: dict[str, Any]) -> tuple[float, int]:
    return event["timestampMs"], int(event["_id"].rpartition("e")[2])


def test_pages_make_a_whole_in_time_then_sequence(serving: Serving, session_id: str):
    found = _all_pages(serving, "events", sessionId=session_id, numItems=7)
    assert len({event["_id"] for event in found}) == 250
    assert found == sorted(found, key=_order)


@pytest.mark.parametrize("count", [125, 250, 251])
def test_the_last_page_says_that_it_is(serving: Serving, session_id: str, count: int):
    assert len(_all_pages(serving, "events", sessionId=session_id, numItems=count)) == 250


def test_options_come_as_json_or_flat(serving: Serving, session_id: str):
    flat = serving.ask("events", sessionId=session_id, numItems=3)
    nested = serving.ask("events", sessionId=session_id, paginationOpts='{"numItems":3,"cursor":null}')
    assert flat["page"] == nested["page"]
    cursor = nested["continueCursor"]
    flat = serving.ask("events", sessionId=session_id, numItems=3, cursor=cursor)
    nested = serving.ask("events", sessionId=session_id, paginationOpts=f'{{"numItems":3.0,"cursor":"{cursor}"}}')
    assert flat == nested
    assert len(serving.ask("events", sessionId=session_id)["page"]) == 100, "the default"


def test_filters_of_events(serving: Serving, session_id: str):
    for asked in ({"eventType": "cut"}, {"cameraId": "cam-1"}, {"eventType": "hold", "cameraId": "cam-0"}):
        found = _all_pages(serving, "events", sessionId=session_id, numItems=50, **asked)
        everything = _all_pages(serving, "events", sessionId=session_id, numItems=10_000)
        assert found == [event for event in everything if asked.items() <= event.items()]
        assert found


def test_an_export_shows_the_head_of_its_first_page(serving: Serving):
    session_id = serving.session()
    events = [{"timestampMs": at, "eventType": "cut"} for at in range(10, 20)]
    serving.record("event/batch", sessionId=session_id, events=events)
    first = serving.ask("events", sessionId=session_id, numItems=4)
    serving.record("event", sessionId=session_id, timestampMs=15.5, eventType="cut")
    serving.record("event", sessionId=session_id, timestampMs=99, eventType="cut")
    rest = serving.ask("events", sessionId=session_id, numItems=100, cursor=first["continueCursor"])
    assert [event["timestampMs"] for event in first["page"] + rest["page"]] == list(range(10, 20))
    assert len(serving.ask("events", sessionId=session_id)["page"]) == 12


def test_the_history_goes_on_from_its_last_cursor(serving: Serving):
    session_id = serving.session()
    done = serving.ask("session/history", sessionId=session_id)
    assert done["isDone"]
    assert serving.ask("session/history", sessionId=session_id, cursor=done["continueCursor"])["page"] == []
    serving.record("event", sessionId=session_id, timestampMs=1, eventType="cut")
    (line,) = serving.ask("session/history", sessionId=session_id, cursor=done["continueCursor"])["page"]
    assert line["sequence"] == 2


def test_sessions_come_newest_first_and_filtered(serving: Serving):
    slug = serving.session()  # a project of this test's own
    made = [serving.session(projectSlug=slug, timestampMs=at) for at in (5, 9, 7, 9)]
    serving.record("session/complete", sessionId=made[0])
    newest_first = [made[3], made[1], made[2], made[0]]
    listed = _all_pages(serving, "sessions", projectSlug=slug, numItems=3)
    assert [session["_id"] for session in listed] == newest_first
    of_status = serving.ask("sessions", projectSlug=slug, status="setup", sessionType="music_demo")["page"]
    assert [session["_id"] for session in of_status] == newest_first[:3]


def test_stills_come_best_first(serving: Serving, session_id: str):
    found = serving.ask("stills", sessionId=session_id, limit=120)
    assert len(found) == 120
    assert found == sorted(found, key=lambda still: (-still["score"], still["timestampMs"]))
    assert serving.ask("stills", sessionId=session_id) == found[:100], "the default"
    favorites = serving.ask("stills", sessionId=session_id, favoritesOnly="true", cameraId="cam-0", limit=10)
    assert favorites == [still for still in found if still["isFavorite"]][:10]
    assert serving.ask("stills", sessionId=session_id, favoritesOnly="true", cameraId="cam-1") == []
    assert serving.ask("stills", sessionId=session_id, favoritesOnly="false", limit=3) == found[:3]


def test_music_and_assets_have_their_orders_and_limits(serving: Serving, session_id: str):
    moments = serving.ask("music-moments", sessionId=session_id)
    assert [moment["timestampMs"] for moment in moments] == list(range(1_881, 1_981)), "the earliest hundred, by time"
    assert len(serving.ask("music-moments", sessionId=session_id, limit=10_000)) == 120
    assets = serving.ask("assets", sessionId=session_id, limit=101)
    assert [asset["path"] for asset in assets] == [f"/{n}" for n in range(101)]
    clips = serving.ask("assets", sessionId=session_id, assetType="clip", limit=1)
    assert clips == assets[:1]
    assert len(serving.ask("assets", sessionId=session_id)) == 100


def test_cameras_come_by_their_own_names(serving: Serving):
    session_id = serving.session()
    camera = {"sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}
    for name in ("b", "a", "ü", "B"):
        serving.record("camera/upsert", sessionId=session_id, cameraId=name, **camera)
    found = serving.ask("cameras", sessionId=session_id)
    assert [document["cameraId"] for document in found] == ["B", "a", "b", "ü"]


def test_a_timeline_shows_the_newest_hundred_in_time_order(serving: Serving, session_id: str):
    timeline = serving.ask("session/timeline", sessionId=session_id)
    everything = _all_pages(serving, "events", sessionId=session_id, numItems=10_000)
    assert timeline["directorEvents"] == everything[-100:]
    assert [still["timestampMs"] for still in timeline["stillCandidates"]] == list(range(1_020, 1_120))
    assert [moment["timestampMs"] for moment in timeline["musicMoments"]] == list(range(1_901, 2_001))
    assert "truncated" not in timeline


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ({"windowStartMs": 1_010, "windowEndMs": 1_012}, 1_010, 1_012),
        ({"windowStartMs": 1_010, "windowEndMs": 1_010}, 1_010, 1_010),
        ({"windowStartMs": 1_009.5, "windowEndMs": 1_010.5}, 1_010, 1_010),
        ({"windowStartMs": 1_120}, 1_120, 1_124),
        ({"windowEndMs": 1_001}, 1_000, 1_001),
    ],
)
def test_a_window_includes_both_its_ends(
    serving: Serving, session_id: str, window: dict[str, float], first: int, last: int
):
    events = serving.ask("session/timeline", sessionId=session_id, **window)["directorEvents"]
    times = [event["timestampMs"] for event in events]
    assert times == [at for at in range(first, last + 1) for _ in range(2)]


def test_a_window_that_holds_too_much_says_so(serving: Serving):
    session_id = serving.session()
    events = [{"timestampMs": 5, "eventType": "bar_fire"}] * 10_000
    serving.record("event/batch", sessionId=session_id, events=events)
    whole = serving.ask("session/timeline", sessionId=session_id, windowStartMs=5)
    assert len(whole["directorEvents"]) == 10_000
    assert "truncated" not in whole
    serving.record("event", sessionId=session_id, timestampMs=6, eventType="cut")
    cut_off = serving.ask("session/timeline", sessionId=session_id, windowStartMs=5)
    assert len(cut_off["directorEvents"]) == 10_000
    assert cut_off["truncated"] is True
    assert all(event["timestampMs"] == 5 for event in cut_off["directorEvents"])


def test_the_cut_log_follows_the_cuts(serving: Serving):
    session_id = serving.session(status="rolling")
    for at, camera in ((0, "a"), (1_000, "b")):
        serving.record("event", sessionId=session_id, timestampMs=at, eventType="cut", cameraId=camera)
    serving.record("session/complete", sessionId=session_id, timestampMs=3_000)
    cut_log = serving.ask("session/cut-log", sessionId=session_id, rate=25)
    assert (cut_log["sessionId"], cut_log["sequence"], cut_log["provisional"]) == (session_id, 4, False)
    shots = [(segment["cameraId"], segment["inMs"], segment["outMs"]) for segment in cut_log["segments"]]
    assert shots == [("a", 0, 1_000), ("b", 1_000, 3_000)]
    assert [frame["recordOutFrame"] - frame["recordInFrame"] for frame in cut_log["frames"]] == [25, 50]
    earlier = serving.ask("session/cut-log", sessionId=session_id, atSequence=2)
    assert [segment["cameraId"] for segment in earlier["segments"]] == ["a"]
