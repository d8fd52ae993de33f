import json

import pytest

from ledger.domain.jobs import JobCancelled, JobFailed, JobProgressed, JobRetried, JobStarted
from ledger.projections import jobs
from ledger.projections.jobs import newest_question
from tests.projections.apart import IMAGE, VIDEO, looking, scheduled, tell
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

started = JobStarted(job=1, attempt=1, lease_ms=100_000)
failed = JobFailed(job=1, attempt=1, failure="transient", error="busy", retry_after_ms=5_000)


def test_the_read_orders_are_indexes(embedded_viewed: Viewed):
    for kind, status, index in (
        (None, None, "jobs_by_creation"),
        (None, "scheduled", "jobs_by_status"),
        ("ocr", "scheduled", "jobs_by_kind"),
    ):
        plan = embedded_viewed.plan(newest_question(limit=5, kind=kind, status=status))
        assert f"USING INDEX {index}" in plan
        assert "TEMP B-TREE" not in plan


def test_a_job_is_shown_as_its_worker_has_left_it(viewed: Viewed):
    tell(viewed, VIDEO, scheduled("a"), started, JobProgressed(job=1, attempt=1, progress=7))
    with looking(viewed) as views:
        job = jobs.get(views, f"{VIDEO}-j1")
        assert job is not None
        assert (job.status, job.progress, job.attempt) == ("running", 7, 1)
        assert job.lease_until == viewed.opened.now + 100_000
        assert jobs.get(views, f"{VIDEO}-j2") is None


def test_what_waits_for_a_worker_is_found_oldest_first_by_its_kind(viewed: Viewed):
    tell(viewed, VIDEO, scheduled("a"))
    tell(viewed, IMAGE, scheduled("b"))
    with looking(viewed) as views:
        assert jobs.startable(views, ["a", "b"], 9) == [("a", f"{VIDEO}-j1"), ("b", f"{IMAGE}-j1")]
        assert jobs.startable(views, ["b"], 9) == [("b", f"{IMAGE}-j1")]
        assert jobs.startable(views, [], 9) == []
    tell(viewed, VIDEO, started)
    with looking(viewed) as views:
        assert jobs.startable(views, ["a", "b"], 9) == [("b", f"{IMAGE}-j1")]
        assert [
            json.loads(document)["kind"] for document in jobs.list_newest(views, limit=9, kind=None, status=None)
        ] == [
            "b",
            "a",
        ]


def test_a_job_is_open_until_nobody_has_to_look_after_it(viewed: Viewed):
    seen = []
    for told in (
        (),
        (scheduled("a"),),
        (started,),
        (failed,),
        (JobRetried(job=1, attempt=1),),
        (JobCancelled(job=1, attempt=1),),
    ):
        tell(viewed, VIDEO, *told)
        with looking(viewed) as views:
            seen.append(jobs.is_any_open(views))
    assert seen == [False, True, True, True, True, False]


def test_what_is_overdue_is_found_when_its_time_has_come(viewed: Viewed):
    tell(viewed, VIDEO, scheduled("a"), started)
    lease_until = viewed.opened.now + 100_000
    tell(viewed, IMAGE, scheduled("b"), started, failed)
    retry_at = viewed.opened.now + 5_000
    with looking(viewed) as views:
        assert jobs.next_time(views) == retry_at
        assert jobs.overdue(views, retry_at - 1, 9) == []
        assert [job.id for job in jobs.overdue(views, retry_at, 9)] == [f"{IMAGE}-j1"]
        both = {(job.id, job.status, job.attempt) for job in jobs.overdue(views, lease_until, 9)}
        assert both == {(f"{IMAGE}-j1", "waiting", 1), (f"{VIDEO}-j1", "running", 1)}
    tell(viewed, IMAGE, JobRetried(job=1, attempt=1))
    tell(viewed, VIDEO, JobCancelled(job=1, attempt=1))
    with looking(viewed) as views:
        assert jobs.next_time(views) is None
        assert jobs.overdue(views, lease_until, 9) == []
