"""The ways in which a job says no."""

from ledger.domain.refusals import Refusal


class JobNotFound(Refusal):
    code = "not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"jobId: there is no job {job_id!r}", field="jobId")


class JobNotDue(Refusal):
    """Somebody else has it, or it has ended, or its next attempt waits."""

    code = "conflict"

    def __init__(self, job_id: str, status: str) -> None:
        super().__init__(
            f"jobId: the job {job_id!r} is {status}, and cannot be started now", field="jobId", status=status
        )


class AttemptNotStarted(Refusal):
    code = "not_found"

    def __init__(self, job_id: str, attempt: int) -> None:
        super().__init__(f"attempt: the job {job_id!r} has had no attempt {attempt} so far", field="attempt")


class CallbackUnknown(Refusal):
    """A callback URL that was never given out. Which part of it is wrong is nobody's business."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("token: no worker was given this callback URL; use it as it came", field="token")
