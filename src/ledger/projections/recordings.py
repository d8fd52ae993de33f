"""The recordings view: recording sessions, their screenshots, what was read on them, and the newest document of each."""

from typing import ClassVar, Final

from sqlalchemy import Column, Connection, Index, Table, select

from ledger.domain import recordings
from ledger.domain.documentation import Page
from ledger.domain.ids import make_id
from ledger.domain.recordings import (
    DocumentationWritten,
    OcrResult,
    Recording,
    RecordingCompleted,
    RecordingStarted,
    Screenshot,
    ScreenshotAdded,
    ScreenshotRead,
    documentation_of,
    ocr_result_of,
    screenshot_of,
)
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.projections.projection import METADATA, Batch, Kinds, documents, documents_by_key

RECORDINGS: Final = Table(
    "recordings",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("started_at", BIG, nullable=False),
    Column("document", TEXT, nullable=False),
)
SCREENSHOTS: Final = Table(
    "screenshots",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("recording_id", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("document", TEXT, nullable=False),
)
OCR_RESULTS: Final = Table(
    "ocr_results",
    METADATA,
    Column("screenshot_id", TEXT, primary_key=True),
    Column("recording_id", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("document", TEXT, nullable=False),
)
DOCUMENTATION: Final = Table(
    "documentation",
    METADATA,
    Column("recording_id", TEXT, primary_key=True),
    Column("document", TEXT, nullable=False),
)
_newest = (RECORDINGS.c.started_at, RECORDINGS.c.id)
Index("recordings_by_start", *_newest)
Index("screenshots_by_recording", SCREENSHOTS.c.recording_id, SCREENSHOTS.c.sequence)
Index("ocr_results_by_recording", OCR_RESULTS.c.recording_id, OCR_RESULTS.c.sequence)


class RecordingsProjection:
    name: ClassVar[str] = "recordings"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (
        RecordingStarted,
        RecordingCompleted,
        ScreenshotAdded,
        ScreenshotRead,
        DocumentationWritten,
    )

    def apply(self, batch: Batch, rows: Connection) -> None:
        self._recordings(batch, rows)
        shots = [(screenshot_of(entry), entry) for entry, _ in batch.of(ScreenshotAdded)]
        made = [(shot.id, entry.partition, entry.sequence, shot.to_json()) for shot, entry in shots]
        insert_rows(rows, SCREENSHOTS, made)
        self._texts(batch, rows)
        newest = {entry.partition: documentation_of(entry).to_json() for entry, _ in batch.of(DocumentationWritten)}
        insert_rows(rows, DOCUMENTATION, list(newest.items()), replacing=("recording_id",))

    def _recordings(self, batch: Batch, rows: Connection) -> None:
        changes = [entry for entry, _ in batch.of(RecordingStarted, RecordingCompleted)]
        if not changes:
            return
        known = documents_by_key(rows, RECORDINGS, ["id"], ((entry.partition,) for entry in changes))
        states = {recording_id: Recording.from_json(document) for (recording_id,), document in known.items()}
        for entry in changes:
            states[entry.partition] = recordings.evolve(states.get(entry.partition), entry)
        made = [(recording.id, recording.start_time, recording.to_json()) for recording in states.values()]
        insert_rows(rows, RECORDINGS, made, replacing=("id",))

    def _texts(self, batch: Batch, rows: Connection) -> None:
        read = [
            (make_id(entry.partition, "screenshot", event.screenshot), entry, event)
            for entry, event in batch.of(ScreenshotRead)
        ]
        if not read:
            return
        known = documents_by_key(rows, OCR_RESULTS, ["screenshot_id"], ((shot_id,) for shot_id, _, _ in read))
        results = {shot_id: OcrResult.from_json(document) for (shot_id,), document in known.items()}
        made = {}
        for shot_id, entry, event in read:
            results[shot_id] = ocr_result_of(entry, results.get(shot_id))
            made[shot_id] = (shot_id, entry.partition, event.screenshot, results[shot_id].to_json())
        insert_rows(rows, OCR_RESULTS, list(made.values()), replacing=("screenshot_id",))


def get(connection: Connection, recording_id: str) -> str | None:
    return connection.execute(select(RECORDINGS.c.document).where(RECORDINGS.c.id == recording_id)).scalar()


def list_newest(connection: Connection, limit: int) -> list[str]:
    """Documents of recording sessions, newest first."""
    question = select(RECORDINGS.c.document).order_by(*(column.desc() for column in _newest)).limit(limit)
    return documents(connection, question)


def list_screenshots(connection: Connection, recording_id: str, limit: int) -> list[str]:
    """Documents of a recording's screenshots, in the order in which they were added."""
    of_it = select(SCREENSHOTS.c.document).where(SCREENSHOTS.c.recording_id == recording_id)
    return documents(connection, of_it.order_by(SCREENSHOTS.c.sequence).limit(limit))


def list_results(connection: Connection, recording_id: str, limit: int) -> list[str]:
    """Documents of what was read, in the order of the screenshots."""
    of_it = select(OCR_RESULTS.c.document).where(OCR_RESULTS.c.recording_id == recording_id)
    return documents(connection, of_it.order_by(OCR_RESULTS.c.sequence).limit(limit))


def get_documentation(connection: Connection, recording_id: str) -> str | None:
    """The newest document."""
    of_it = select(DOCUMENTATION.c.document).where(DOCUMENTATION.c.recording_id == recording_id)
    return connection.execute(of_it).scalar()


def pages(connection: Connection, recording_id: str) -> list[Page]:
    """What a document is made of: every screenshot in order, with its text where there is one."""
    both = SCREENSHOTS.outerjoin(OCR_RESULTS, OCR_RESULTS.c.screenshot_id == SCREENSHOTS.c.id)
    question = select(SCREENSHOTS.c.document, OCR_RESULTS.c.document.label("result")).select_from(both)
    rows = connection.execute(
        question.where(SCREENSHOTS.c.recording_id == recording_id).order_by(SCREENSHOTS.c.sequence)
    )
    return [
        Page(
            screenshot=Screenshot.from_json(row.document),
            result=OcrResult.from_json(row.result) if row.result is not None else None,
        )
        for row in rows
    ]
