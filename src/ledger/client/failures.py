"""What a writer may be told instead of "recorded". What is wrong with its arguments is told by the domain's ``Invalid``."""

from pathlib import Path


class SpoolError(Exception):
    """The spool could not do as it was asked."""


class SpoolInUseError(SpoolError):
    """Another process, or another writer of this one, has the spool."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is in use by {holder}; one writer has a spool at a time")
        self.pid = pid


class SpoolDeviceError(SpoolError):
    """The spool belongs to another device, or to no device that could be."""


class SpoolFullError(SpoolError):
    """The spool has reached its limit, and may drop nothing for this fact. It was not recorded."""


class SpoolFailedError(SpoolError):
    """The writer's disk is full or failed. The fact was not recorded; where that is not known, the message says so."""


class WriterClosedError(SpoolError):
    """The writer was closed; the fact was not recorded."""


class NotAcknowledgedError(Exception):
    """The ledger has not, or not yet, taken the fact that was asked about."""
