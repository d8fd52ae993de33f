"""What every store of files is: bytes come in a piece at a time, are durable before anything is said of them, and stay."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

CHUNK_BYTES: Final = 1024 * 1024
"""How much of a file is in memory at a time, on its way in or out."""
INCOMING: Final = "incoming"
"""Under which name uploads lie that are not yet facts."""


class StoreError(Exception):
    """The store could not take or give what it was asked for: the disk is full, the bucket is away."""


class Received(NamedTuple):
    """What has come: what it will be kept under, and how much it is."""

    sha256: str
    size: int


class Incoming(Protocol):
    """One upload on its way. It ends with ``settle`` or ``discard``; where the machine stops first, ``sweep`` ends it."""

    size: int
    """How much has come."""

    def write(self, chunk: bytes) -> None:
        """Take the next piece. Raises StoreError."""

    def received(self) -> Received:
        """What has come so far."""

    def keep(self) -> None:
        """Make all that has come durable, to be had by its digest; the next thing is to record it. Raises StoreError."""

    def settle(self) -> None:
        """It stands in the log: what marked it as under way can go."""

    def discard(self) -> None:
        """Nothing was kept, and nothing of it remains. After ``keep`` only the mark stays, for ``sweep`` to look into."""


class FileStore(Protocol):
    """Threads may share it."""

    def receive(self) -> Incoming: ...

    def size_of(self, sha256: str) -> int | None:
        """How many bytes are kept under a digest; None where nothing is."""

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to but not including ``end``, in pieces. Raises StoreError."""

    def digests(self) -> Iterator[str]:
        """What is kept, in no order."""

    def sweep(self, is_recorded: Callable[[str], bool] | None) -> int:
        """Remove what interrupted uploads have left, and answer of how many. Uploads under way are left alone.

        Bytes that came into their place just before the machine stopped go as well where ``is_recorded`` says that no fact names
        their digest; without it, where others may be recording meanwhile, they stay.
        """
