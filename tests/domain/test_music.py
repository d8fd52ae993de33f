from ledger.domain.music import MusicMomentRecorded, RecordMusicMoment
from ledger.domain.refusals import SessionNotFound
from ledger.domain.sessions import SessionEnded
from tests.domain.grammar import music, started
from tests.recordings import SESSION

moment = RecordMusicMoment(session_id=SESSION, timestamp_ms=1.5, section="drop", audio_snapshot={"rms": None})
fact = MusicMomentRecorded(timestamp_ms=1.5, section="drop", audio_snapshot={"rms": None})


def test_a_moment_is_recorded_each_time_it_is_told():
    music.given(started).when(moment).then(fact)
    music.given(started, fact).when(moment).then(fact)


def test_a_moment_after_the_end_is_a_fact_like_any_other():
    music.given(started, SessionEnded(status="cancelled")).when(moment).then(fact)


def test_without_a_session_there_is_no_music():
    music.given().when(moment).then_refused(SessionNotFound, "sessionId")
