"""One way into a ledger, wherever it is: a folder opened by this process, or a running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

Purpose = Literal["read", "write"]
"""Reading keeps nobody from writing, however long it goes on."""

ACTOR = "cli"
PARKED = "ledger:listParked"
WHEN_HALTED = (
    "start what builds them again once that is mended, by a newer version perhaps; with LEDGER_POISON=park it sets such an"
    " event aside with what follows in its session, and goes on"
)
"""What there is to do about views that stand still at an event that cannot be applied."""
UPLOAD_URL = "generate:generateUploadUrl"
AT_LEAST = "Ledger-At-Least"


class DoorError(Exception):
    """The ledger said no, or could not be reached. ``code`` is the contract's, or the terminal's own for the rest."""

    def __init__(self, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        message = message.replace(f"{AT_LEAST}: ", "--at-least: ")  # as it is called here
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail or {}


def brought_before(message: str, detail: dict[str, Any]) -> str:
    """The file that an upload has become. Raises DoorError where it has become none yet."""
    storage_id = detail.get("storageId")
    if not isinstance(storage_id, str):
        raise DoorError("conflict", message, detail)
    return storage_id


class RebuildAt(NamedTuple):
    """How far a rebuild of the views has come: entries taken up, of those that are needed."""

    state: str
    done: int
    total: int


class Standing(NamedTuple):
    """How far a ledger has come."""

    epoch: str
    """Its present life; a restored ledger begins a new one."""
    position: str
    lag: int
    """Entries that the views are behind the log."""
    lag_ms: int
    """How long ago the oldest of those was recorded."""
    backlog: tuple[int, ...]
    """The same by shard."""
    rate: float | None
    """Entries a second that the views have taken up lately; None where nobody has looked for long enough."""
    halted: str | None
    parked: int
    """Entries that the views have set aside."""
    drifts: tuple[str, ...] = ()
    """Views and sessions of which they show something else than was recorded."""
    rebuild: RebuildAt | None = None
    """How far the rebuild has come that is under way there or was last."""


class Door(Protocol):
    at_least: str | None
    """The position that every answer must show; the code of a DoorError is ``stale`` where it does not in time."""

    def ask(self, function: str, arguments: dict[str, Any]) -> Any:
        """The answer to a question of the contract, as JSON is in Python. Raises DoorError."""

    def tell(self, function: str, arguments: dict[str, Any], key: str) -> Any:
        """Carry out a mutation of the contract, once however often it is repeated under its key. Raises DoorError."""

    def bring(self, content: bytes, content_type: str, key: str) -> str:
        """Store a file, once however often it is brought under its key; answers its ``storageId``. Raises DoorError."""

    def fetch(self, storage_id: str, target: Path) -> None:
        """Write the bytes of a stored file into one here. Raises DoorError."""

    def standing(self) -> Standing: ...


@dataclass(frozen=True)
class Place:
    """Where a ledger is: behind a URL, or else in a folder."""

    directory: Path
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    """What is shown to the server, where it asks for a key."""
    database: str | None = field(default=None, repr=False)
    """Where it is in a PostgreSQL database."""
    at_least: str | None = None
    """The position that its answers must show."""

    def __str__(self) -> str:
        return self.url or (without_password(self.database) if self.database else str(self.directory))

    @property
    def option(self) -> str:
        """How another command is told of the same place."""
        return f"--{'url' if self.url else 'database' if self.database else 'data'} {self}"


def without_password(url: str) -> str:
    """A database's URL as it may be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()


@contextmanager
def open_door(place: Place, purpose: Purpose = "read", actor: str = ACTOR) -> Iterator[Door]:
    """A door into the ledger at a place. Raises DoorError where there is none."""
    # Imported here: a second that --help, and each of the two doors, need not wait for the other.
    if place.url:
        from ledger.cli.remote import remote_door  # noqa: PLC0415

        opening = remote_door(place.url, actor, place.key)
    elif place.database:
        from ledger.cli.embedded import database_door  # noqa: PLC0415

        opening = database_door(place.database, purpose, actor)
    else:
        from ledger.cli.embedded import embedded_door  # noqa: PLC0415

        opening = embedded_door(place.directory, purpose, actor)
    with opening as door:
        door.at_least = place.at_least
        yield door
