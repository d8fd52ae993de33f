"""The cameras view: one row a camera of a session, as it stands."""

from typing import Any, ClassVar, Final

from sqlalchemy import Boolean, Column, Connection, Index, PrimaryKeyConstraint, Select, Table, select

from ledger.domain import cameras
from ledger.domain.cameras import Camera, CameraRegistered, CameraUpdated
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Prepared
from ledger.projections.projection import METADATA, Batch, Kinds, documents_by_key, prepared_documents
from ledger.projections.sessions import number_of

CAMERAS: Final = Table(
    "cameras",
    METADATA,
    Column("session", BIG, nullable=False),
    Column("camera_id", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("session", "camera_id"),
)
_c = CAMERAS.c
Index("cameras_by_role", _c.session, _c.role, _c.camera_id)
Index("cameras_by_activity", _c.session, _c.is_active, _c.camera_id)


class CamerasProjection:
    name: ClassVar[str] = "cameras"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (CameraRegistered, CameraUpdated)

    def apply(self, batch: Batch, rows: Connection) -> None:
        changes = [
            ((batch.numbers[entry.partition], event.camera_id), entry)
            for entry, event in batch.of(CameraRegistered, CameraUpdated)
        ]
        if not changes:
            return
        known = documents_by_key(rows, CAMERAS, ["session", "camera_id"], (key for key, _ in changes))
        states: dict[tuple[Any, ...], Camera] = {key: Camera.from_json(document) for key, document in known.items()}
        for key, entry in changes:
            states[key] = cameras.evolve(states.get(key), entry)
        insert_rows(
            rows,
            CAMERAS,
            [
                (number, camera.camera_id, camera.role, camera.is_active, camera.to_json())
                for (number, _), camera in states.items()
            ],
            replacing=("session", "camera_id"),
        )


def question(session_id: str) -> Select[Any]:
    return select(_c.document).where(_c.session == number_of(session_id)).order_by(_c.camera_id)


_QUESTION: Final = Prepared(question)


def list_all(connection: Connection, session_id: str) -> list[str]:
    """Documents of all cameras of a session, by ``cameraId``."""
    return prepared_documents(connection, _QUESTION, session_id=session_id)
