import pytest

from ledger.application.callbacks import ANSWER, REPORT, Calling, arguments_of, calling, token_of
from ledger.domain.jobs.refusals import AttemptNotStarted, CallbackUnknown
from ledger.domain.refusals import FileNotFound, Invalid
from tests.application.timed import Timed


def running(work: Timed) -> Calling:
    video_id = work.write("videos:createVideo", storageId=work.upload(), filename="a.mp4", size=5)
    work.write("videos:updateStatus", videoId=video_id, status="processing")
    return Calling(f"{video_id}-j2", 1)


def test_a_token_says_whose_word_it_is_after_any_restart(work: Timed):
    caller = running(work)
    token = token_of(work.ledger.log, *caller)
    assert calling(work.ledger.log, token) == caller
    assert caller.video_id == caller.job_id.removesuffix("-j2")
    assert token_of(work.ledger.log, caller.job_id, 2) != token


def test_a_forged_token_is_nobodys(work: Timed):
    token = token_of(work.ledger.log, *running(work))
    job_id, attempt, signature = token.split(".")
    forged = ["", "x", "..", f"{job_id}.{attempt}", f"{job_id}.2.{signature}", f"{job_id}.{attempt}.{signature[:-1]}0x"]
    forged += [f"{job_id}.1e0.{signature}", f"{job_id}.{'9' * 40}.{signature}", f"{job_id}\x00.1.{signature}", "é.1.ü"]
    for made_up in forged:
        with pytest.raises(CallbackUnknown):
            calling(work.ledger.log, made_up)


def test_a_worker_speaks_for_its_own_video_only(work: Timed):
    caller, other = running(work), running(work)
    said = {"jobId": caller.job_id, "attempt": 1, "videoId": other.video_id}
    with pytest.raises(Invalid, match="videoId"):
        work.carry(REPORT, **said, status="processing", progress=5)
    with pytest.raises(Invalid, match="videoId"):
        work.carry(ANSWER, **said, results={})


def test_results_that_are_none_are_refused_and_nothing_is_half_done(work: Timed):
    caller = running(work)
    said = {"jobId": caller.job_id, "attempt": 1, "videoId": caller.video_id}
    before = work.history(caller.video_id)
    with pytest.raises(Invalid, match="results"):
        work.carry(ANSWER, **said, results=[1])
    with pytest.raises(FileNotFound, match="processedVideoStorageId"):
        work.carry(ANSWER, **said, results={}, processedVideoStorageId="x")
    with pytest.raises(AttemptNotStarted):
        work.carry(ANSWER, **{**said, "attempt": 2}, results={})
    assert work.history(caller.video_id) == before


def test_what_a_worker_says_is_an_object_and_names_no_job():
    caller = Calling("v1-j2", 3)
    assert arguments_of(caller, {"videoId": "v1"}) == {"videoId": "v1", "jobId": "v1-j2", "attempt": 3}
    said: object
    for said in ([], None, {"jobId": "v2-j2"}, {"attempt": 1}):
        with pytest.raises(Invalid):
            arguments_of(caller, said)
