"""What external writers install: a call returns once its fact is safe on their own disk, and a sender brings it to the ledger.

It knows the domain, for what a call may say, and nothing of the server.
"""

from ledger.client.failures import (
    NotAcknowledgedError,
    SpoolDeviceError,
    SpoolError,
    SpoolFailedError,
    SpoolFullError,
    SpoolInUseError,
    WriterClosedError,
)
from ledger.client.hearing import Hearing
from ledger.client.writer import AsyncWriter, Writer

__all__ = [
    "AsyncWriter",
    "Hearing",
    "NotAcknowledgedError",
    "SpoolDeviceError",
    "SpoolError",
    "SpoolFailedError",
    "SpoolFullError",
    "SpoolInUseError",
    "Writer",
    "WriterClosedError",
]
