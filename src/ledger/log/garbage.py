"""The garbage collector, kept from what lives on: in a process that records for long, and while a great many objects are made.

A replay decodes hundreds of thousands of entries, none of which refers back to another. The collector would look at all of them
again and again as they grow in number: of 34 µs an entry that reading a long shoot took, 25 were its own.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

THRESHOLDS: Final = (50_000, 500, 50)
"""Requests make little that refers to itself, and the newest entries live on: measured on batches, looking at them all again
every 700 objects took more than half of the event loop's time."""

_lock = Lock()
_pauses = 0


def begin_to_record() -> None:
    """Let what there is be, and look at what is new less often: for a process that has started, and will record for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def paused() -> Iterator[None]:
    """No collection until the last of those who asked for a pause is done. Nothing changes where it was off already."""
    global _pauses  # noqa: PLW0603  # the collector is the interpreter's, and there is one
    with _lock:
        was_on = _pauses > 0 or gc.isenabled()
        if was_on:
            _pauses += 1
            gc.disable()
    try:
        yield
    finally:
        if was_on:
            with _lock:
                _pauses -= 1
                if not _pauses:
                    gc.enable()
