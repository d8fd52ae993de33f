"""From facts to calls: what goes out together, and when."""

from ledger.demo.script import MULTICAM, MUSIC, POSES, SESSION, Call, Fact, Ref, Times, calls_of


def fact(writer: str, ms: int, event_type: str = "cut", **rest: int) -> Fact:
    return Fact(writer, ms, {"timestampMs": ms, "eventType": event_type}, f"{writer}-{ms}", **rest)


def test_a_run_of_one_writer_is_a_batch_that_goes_out_when_it_is_complete():
    calls = calls_of([fact(MULTICAM, 1), fact(MULTICAM, 3), fact(MUSIC, 4), fact(MULTICAM, 5)])
    batch, single = calls[MULTICAM]
    assert (batch.at_ms, batch.function) == (3, "production:appendDirectorEventsBatch")
    assert batch.names == (f"{MULTICAM}-1", f"{MULTICAM}-3")
    assert (single.at_ms, single.function) == (5, "production:appendDirectorEvent")
    assert single.arguments == {"sessionId": SESSION, "timestampMs": 5, "eventType": "cut"}


def test_hero_poses_go_by_their_own_function():
    (pose,) = calls_of([fact(POSES, 1, "hero_pose_marker")])[POSES]
    assert pose.function == "production:markHeroPose"
    assert pose.arguments == {"sessionId": SESSION, "timestampMs": 1}


def test_what_could_not_be_sent_in_time_is_one_batch():
    (late,) = calls_of([fact(MULTICAM, 1, sent_ms=9), fact(MULTICAM, 5, sent_ms=9)])[MULTICAM]
    assert late.at_ms == 9
    assert len(late.arguments["events"]) == 2


def test_only_director_events_have_turns():
    assert Call(1, "production:markHeroPose", {}).is_ordered
    assert not Call(1, "production:appendMusicMoment", {}).is_ordered


def test_no_millisecond_is_given_out_twice():
    times = Times()
    assert [times.claim(ms) for ms in (5, 5.2, 6, 4)] == [5, 6, 7, 4]


def test_a_ref_is_no_text():
    assert Ref("session") == SESSION
    assert not isinstance(SESSION, str)
