"""Jobs of any worker, lost, slow, chatty or twice alive, at any time: each ends, once, and what is over stays over."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.domain.jobs import (
    CancelJob,
    CompleteJob,
    ExpireLease,
    FailJob,
    HandOverJob,
    JobCommand,
    JobCompleted,
    JobScheduled,
    ReportProgress,
    RetryJob,
    StartJob,
    begun,
    decide,
    foresee,
)
from ledger.domain.jobs.refusals import JobNotDue

SCHEDULED = JobScheduled(kind="any", attempts_max=3, lease_ms=1_000, backoff_ms=100)


class JobLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000
        self.job = begun(SCHEDULED, "v1", 2, self.now)
        self.anew = 0
        self.completions = 0

    def ask(self, command: JobCommand, jitter: float = 0.5) -> None:
        before = self.job
        events = decide(command, before, self.now, jitter)
        self.job = foresee(before, events, self.now)
        self.completions += sum(isinstance(event, JobCompleted) for event in events)
        if before.status in ("completed", "cancelled") and not isinstance(command, RetryJob):
            kept = {"updated_at": self.job.updated_at, "late": self.job.late}
            assert self.job == before.model_copy(update=kept)
        if before.status == "running" and self.job.status == "running" and before.progress is not None:
            assert self.job.progress is not None
            assert self.job.progress >= before.progress

    @rule(ms=st.sampled_from([1, 99, 400, 1_000, 5_000]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def somebody_claims_it(self) -> None:
        was = self.job.status
        try:
            self.ask(StartJob(worker="ann"))
        except JobNotDue:
            assert was != "scheduled"
        else:
            assert was == "scheduled"

    @precondition(lambda self: self.job.attempt)
    @rule(share=st.floats(0, 1), progress=st.floats(-10, 110))
    def some_attempt_tells_of_progress(self, share: float, progress: float) -> None:
        self.ask(ReportProgress(attempt=max(1, round(share * self.job.attempt)), progress=progress))

    @precondition(lambda self: self.job.attempt)
    @rule(share=st.floats(0, 1), result=st.integers(0, 2))
    def some_attempt_completes(self, share: float, result: int) -> None:
        self.ask(CompleteJob(attempt=max(1, round(share * self.job.attempt)), result=result))

    @precondition(lambda self: self.job.attempt)
    @rule(share=st.floats(0, 1), failure=st.sampled_from(["quota", "transient"]), jitter=st.floats(0, 1))
    def some_attempt_fails(self, share: float, failure: str, jitter: float) -> None:
        attempt = max(1, round(share * self.job.attempt))
        self.ask(FailJob(attempt=attempt, failure="quota" if failure == "quota" else "transient", error="no"), jitter)

    @precondition(lambda self: self.job.attempt)
    @rule()
    def the_runner_looks(self) -> None:
        self.ask(ExpireLease(attempt=self.job.attempt))
        self.ask(HandOverJob(attempt=self.job.attempt))
        self.ask(RetryJob())

    @precondition(lambda self: self.anew < 2)
    @rule()
    def somebody_asks_for_it_anew(self) -> None:
        attempts_max = self.job.attempts_max
        self.ask(RetryJob(anew=3))
        self.anew += self.job.attempts_max != attempts_max

    @rule()
    def it_is_cancelled(self) -> None:
        self.ask(CancelJob())

    @invariant()
    def it_is_tried_no_more_often_than_it_may(self) -> None:
        assert self.job.attempt <= self.job.attempts_max
        assert len(self.job.late) <= 20
        assert self.completions <= 1

    @invariant()
    def somebody_has_it_or_it_is_known_when_it_goes_on(self) -> None:
        assert (self.job.lease_until is not None) == (self.job.status == "running")
        assert (self.job.due_at is not None) == (self.job.status in ("scheduled", "waiting"))

    def teardown(self) -> None:
        """Every worker dies at once whenever it takes the job: it ends all the same."""
        for _ in range(20):
            self.now += 10_000_000
            if self.job.status == "scheduled":
                self.ask(StartJob(worker="ann"))
            elif self.job.status == "running":
                self.ask(ExpireLease(attempt=self.job.attempt))
            else:
                self.ask(RetryJob())
        assert self.job.has_ended


JobLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestEveryLife = JobLife.TestCase
