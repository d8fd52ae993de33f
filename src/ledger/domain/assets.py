"""Assets: what leaves a shoot as a finished thing."""

from typing import Any, ClassVar

from ledger.domain.documents import Document
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import make_id
from ledger.domain.refusals import SessionNotFound
from ledger.domain.sessions import Session
from ledger.domain.values import Frozen, Json, Name


class AssetRegistered(Event):
    stored_as: ClassVar[str] = "asset-registered.1"
    asset_type: str
    path: str
    source: str | None = None
    status: str | None = None
    metadata: Any = None

    def entity(self, sequence: int) -> str:
        return f"asset:{sequence}"


class Asset(Document):
    session_id: str
    asset_type: str
    path: str
    source: str | None = None
    status: str | None = None
    created_at: int
    updated_at: int
    metadata: Any = None


def evolve(asset: Asset | None, entry: Entry) -> Asset:
    """The asset after its registration, the only event it has so far."""
    assert asset is None and isinstance(entry.event, AssetRegistered), (
        f"{type(entry.event).__name__} is no start of an asset"
    )
    return Asset(
        id=make_id(entry.partition, "asset", entry.sequence),
        creation_time=entry.recorded_at,
        session_id=entry.partition,
        created_at=entry.recorded_at,
        updated_at=entry.recorded_at,
        **entry.event.model_dump(),
    )


class RegisterAsset(Frozen):
    session_id: Name
    asset_type: Name
    path: Name
    source: Name | None = None
    status: Name | None = None
    metadata: Json = None


def decide(command: RegisterAsset, session: Session | None) -> list[AssetRegistered]:
    """The asset as a fact. Raises SessionNotFound."""
    if session is None:
        raise SessionNotFound(command.session_id)
    return [AssetRegistered(**command.model_dump(exclude={"session_id"}))]
