"""The jobs view: one row a job, whatever it is about, as its worker has left it."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

from sqlalchemy import Column, Connection, Index, Select, Table, and_, exists, func, or_, select

from ledger.domain import jobs
from ledger.domain.ids import make_id
from ledger.domain.jobs import Job, JobChanged, JobScheduled
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Direct
from ledger.projections.projection import METADATA, Batch, Kinds, documents, documents_by_key

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("due_at", BIG),
    Column("lease_until", BIG),
    Column("document", TEXT, nullable=False),
)
_c = JOBS.c
_newest = (_c.created_at.desc(), _c.id.desc())
Index("jobs_by_creation", _c.created_at, _c.id)
Index("jobs_by_kind", _c.kind, _c.status, _c.created_at, _c.id)
Index("jobs_by_status", _c.status, _c.created_at, _c.id)
Index("jobs_by_due", _c.status, _c.due_at)
Index("jobs_by_lease", _c.status, _c.lease_until)


class JobsProjection:
    name: ClassVar[str] = "jobs"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = jobs.EVENTS

    def apply(self, batch: Batch, rows: Connection) -> None:
        changes = [
            (make_id(entry.partition, "job", event.job if isinstance(event, JobChanged) else entry.sequence), entry)
            for entry, event in batch.of(JobScheduled, *jobs.CHANGES)
        ]
        if not changes:
            return
        known = documents_by_key(rows, JOBS, ["id"], ((job_id,) for job_id, _ in changes))
        states = {job_id: Job.from_json(document) for (job_id,), document in known.items()}
        for job_id, entry in changes:
            states[job_id] = jobs.evolve(states.get(job_id), entry)
        insert_rows(rows, JOBS, [_row(job) for job in states.values()], replacing=("id",))


def _row(job: Job) -> tuple[Any, ...]:
    return (job.id, job.kind, job.status, job.created_at, job.due_at, job.lease_until, job.to_json())


class Standing(NamedTuple):
    """A job that somebody has to look after."""

    id: str
    kind: str
    status: str
    attempt: int


def get(connection: Connection, job_id: str) -> Job | None:
    found = connection.execute(select(_c.document).where(_c.id == job_id)).scalar()
    return Job.from_json(found) if found is not None else None


def of_ids(connection: Connection, job_ids: Sequence[str]) -> dict[str, Job]:
    found = documents_by_key(connection, JOBS, ["id"], ((job_id,) for job_id in job_ids))
    return {job_id: Job.from_json(document) for (job_id,), document in found.items()}


def newest_question(*, limit: int, kind: str | None = None, status: str | None = None) -> Select[Any]:
    question = select(_c.document)
    for column, value in ((_c.kind, kind), (_c.status, status)):
        if value is not None:
            question = question.where(column == value)
    return question.order_by(*_newest).limit(limit)


def list_newest(connection: Connection, *, limit: int, kind: str | None, status: str | None) -> list[str]:
    return documents(connection, newest_question(limit=limit, kind=kind, status=status))


_IS_ANY_OPEN: Final = Direct(
    select(exists().where(or_(_c.status == "scheduled", _c.status == "running", _c.status == "waiting")))
)


def is_any_open(connection: Connection) -> bool:
    """Whether there is a job at all that may have to be looked after."""
    return bool(_IS_ANY_OPEN.rows(connection)[0][0])


def startable(connection: Connection, kinds: Sequence[str], limit: int) -> list[tuple[str, str]]:
    """Kinds and Ids of jobs that wait for somebody to take them, the oldest first."""
    question = select(_c.kind, _c.id).where(_c.status == "scheduled", _c.kind.in_(kinds))
    return [(kind, job_id) for kind, job_id in connection.execute(question.order_by(_c.created_at, _c.id).limit(limit))]


def overdue(connection: Connection, now_ms: int, limit: int) -> list[Standing]:
    """Running jobs whose lease has run out, and waiting ones whose time has come."""
    is_lost = and_(_c.status == "running", _c.lease_until <= now_ms)
    is_due = and_(_c.status == "waiting", _c.due_at <= now_ms)
    found = connection.execute(select(_c.kind, _c.status, _c.document).where(or_(is_lost, is_due)).limit(limit))
    read = ((kind, status, Job.from_json(document)) for kind, status, document in found)
    return [Standing(job.id, kind, status, job.attempt) for kind, status, job in read]


def next_time(connection: Connection) -> int | None:
    """When a lease runs out, or a retry is due, next."""
    leases = select(func.min(_c.lease_until)).where(_c.status == "running")
    retries = select(func.min(_c.due_at)).where(_c.status == "waiting")
    times = [at for at in (connection.execute(leases).scalar(), connection.execute(retries).scalar()) if at is not None]
    return min(times, default=None)
