"""The videos view: one row a video, with its results. How far its processing is says its job's row."""

from typing import ClassVar, Final

from sqlalchemy import Column, Connection, Table, select

from ledger.domain import videos
from ledger.domain.ids import make_id
from ledger.domain.jobs import Job
from ledger.domain.videos import Video, with_job
from ledger.log.bulk import insert_rows
from ledger.log.columns import TEXT
from ledger.projections.jobs import JOBS
from ledger.projections.projection import METADATA, Batch, Kinds, documents_by_key

VIDEOS: Final = Table(
    "videos",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("job_id", TEXT, nullable=False, unique=True),
    Column("document", TEXT, nullable=False),
)
_c = VIDEOS.c


class VideosProjection:
    name: ClassVar[str] = "videos"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = videos.EVENTS

    def apply(self, batch: Batch, rows: Connection) -> None:
        changes = [entry for entry, _ in batch.of(*videos.EVENTS)]
        if not changes:
            return
        known = documents_by_key(rows, VIDEOS, ["id"], ((entry.partition,) for entry in changes))
        states = {video_id: Video.from_json(document) for (video_id,), document in known.items()}
        for entry in changes:
            states[entry.partition] = videos.evolve(states.get(entry.partition), entry)
        made = [(video.id, make_id(video.id, "job", videos.JOB), video.to_json()) for video in states.values()]
        insert_rows(rows, VIDEOS, made, replacing=("id",))


_SHOWN: Final = select(_c.document, JOBS.c.document.label("job")).select_from(
    VIDEOS.outerjoin(JOBS, JOBS.c.id == _c.job_id)
)


def get(connection: Connection, video_id: str) -> Video | None:
    """The video as its job has left it."""
    row = connection.execute(_SHOWN.where(_c.id == video_id)).first()
    if row is None:
        return None
    video = Video.from_json(row.document)
    return video if row.job is None else with_job(video, Job.from_json(row.job))
