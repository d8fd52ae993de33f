"""The images view: one row an original or a result. How far an original's generation is says its job's row."""

from typing import Any, ClassVar, Final

from sqlalchemy import Boolean, Column, Connection, Index, Row, Select, Table, select

from ledger.domain import images
from ledger.domain.ids import make_id
from ledger.domain.images import STATUSES, GenerationStatus, Image, ImageAdded, with_job
from ledger.domain.jobs import Job
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.projections.jobs import JOBS
from ledger.projections.projection import METADATA, Batch, Kinds

IMAGES: Final = Table(
    "images",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("job_id", TEXT, unique=True),
    Column("created_at", BIG, nullable=False),
    Column("is_generated", Boolean, nullable=False),
    Column("document", TEXT, nullable=False),
)
_c = IMAGES.c
_newest = (_c.created_at.desc(), _c.id.desc())
Index("images_by_creation", _c.created_at, _c.id)
Index("images_by_generated", _c.is_generated, _c.created_at, _c.id)


class ImagesProjection:
    name: ClassVar[str] = "images"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = images.EVENTS

    def apply(self, batch: Batch, rows: Connection) -> None:
        made = []
        for entry, event in batch.of(*images.EVENTS):
            image = images.evolve(None, entry)
            is_original = isinstance(event, ImageAdded)
            job_id = make_id(entry.partition, "job", images.JOB) if is_original else None
            made.append((image.id, job_id, image.created_at, not is_original, image.to_json()))
        insert_rows(rows, IMAGES, made)


_SHOWN: Final = select(_c.document, JOBS.c.document.label("job")).select_from(
    IMAGES.outerjoin(JOBS, JOBS.c.id == _c.job_id)
)


def get(connection: Connection, image_id: str) -> Image | None:
    row = connection.execute(_SHOWN.where(_c.id == image_id)).first()
    return _shown(row) if row is not None else None


def newest_question(
    *, limit: int, status: GenerationStatus | None = None, is_generated: bool | None = None
) -> Select[Any]:
    question = _SHOWN
    if status is not None:
        wanted = [of_job for of_job, shown in STATUSES.items() if shown == status]
        question = question.where(JOBS.c.kind == images.JOB_KIND, JOBS.c.status.in_(wanted))
    if is_generated is not None:
        question = question.where(_c.is_generated.is_(is_generated))
    return question.order_by(*_newest).limit(limit)


def list_newest(
    connection: Connection, *, limit: int, status: GenerationStatus | None, is_generated: bool | None
) -> list[Image]:
    """Images as their jobs have left them, newest first."""
    question = newest_question(limit=limit, status=status, is_generated=is_generated)
    return [_shown(row) for row in connection.execute(question)]


def _shown(row: Row[Any, Any]) -> Image:
    image = Image.from_json(row.document)
    return image if row.job is None else with_job(image, Job.from_json(row.job))
