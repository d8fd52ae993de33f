"""The assets view: what a session has produced."""

from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Index, PrimaryKeyConstraint, Select, Table, select

from ledger.domain import assets
from ledger.domain.assets import AssetRegistered
from ledger.log.bulk import insert_rows
from ledger.log.columns import BIG, TEXT
from ledger.log.direct import Prepared
from ledger.projections.projection import METADATA, Batch, Kinds, prepared_documents
from ledger.projections.sessions import number_of

ASSETS: Final = Table(
    "assets",
    METADATA,
    Column("session", BIG, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("asset_type", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("document", TEXT, nullable=False),
    PrimaryKeyConstraint("session", "sequence"),
)
_c = ASSETS.c
_order = (_c.created_at, _c.sequence)
Index("assets_by_creation", _c.session, *_order)
Index("assets_by_type", _c.session, _c.asset_type, *_order)


class AssetsProjection:
    name: ClassVar[str] = "assets"
    version: ClassVar[int] = 1
    events: ClassVar[Kinds] = (AssetRegistered,)

    def apply(self, batch: Batch, rows: Connection) -> None:
        registered = []
        for entry, _ in batch.of(AssetRegistered):
            asset = assets.evolve(None, entry)
            registered.append(
                (
                    batch.numbers[entry.partition],
                    entry.sequence,
                    asset.asset_type,
                    asset.created_at,
                    asset.to_json(),
                )
            )
        insert_rows(rows, ASSETS, registered)


def question(session_id: str, *, limit: int, asset_type: str | None = None) -> Select[Any]:
    found = select(_c.document).where(_c.session == number_of(session_id))
    if asset_type is not None:
        found = found.where(_c.asset_type == asset_type)
    return found.order_by(*_order).limit(limit)


_QUESTION: Final = Prepared(question)


def list_first(connection: Connection, session_id: str, *, limit: int, asset_type: str | None) -> list[str]:
    """Documents of a session's assets, in the order in which they were recorded."""
    return prepared_documents(connection, _QUESTION, session_id=session_id, limit=limit, asset_type=asset_type)
