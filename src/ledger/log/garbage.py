"""A pause for the garbage collector while a great many objects are made that all live on.

A replay decodes hundreds of thousands of entries, none of which refers back to another. The collector would look at all of them
again and again as they grow in number: of 34 µs an entry that reading a long shoot took, 25 were its own.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_pauses = 0


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
