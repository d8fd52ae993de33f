"""A server of a folder, as ``ledger serve`` starts it; with ``--profile`` every thread of it is profiled.

A thread's CPU time tells where a core goes without slowing anything: on SIGUSR1 the threads' names and ids are written
to ``threads.json`` in the folder.
"""

import argparse
import cProfile
import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

from ledger.api.server import bind, create_app, serve
from ledger.bootstrap import open_for_writing
from ledger.settings import Settings


def name_threads(folder: Path) -> None:
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    (folder / "threads.json").write_text(json.dumps(names))


class Profiles:
    """One profile a thread: cProfile sees only the thread it was enabled on.

    By the thread's own CPU clock, or whatever a thread did when another took the interpreter would look slow.
    """

    def __init__(self) -> None:
        self._profiles: list[tuple[str, cProfile.Profile]] = []
        threading.setprofile(self._begin)

    def begin(self) -> None:
        """Profile the thread that calls."""
        profile = cProfile.Profile(time.thread_time_ns, 1e-9)
        self._profiles.append((threading.current_thread().name, profile))
        profile.enable()

    def _begin(self, *_: Any) -> None:
        self.begin()

    def write(self, folder: Path) -> None:
        """A ``.prof`` file a thread; of threads that share a name, the last."""
        threading.setprofile(None)
        for name, profile in self._profiles:
            profile.create_stats()
            profile.dump_stats(folder / f"{name}.prof")


def run(folder: Path, port: int) -> None:
    settings = Settings.from_environment()
    listening = bind("127.0.0.1", port)
    with open_for_writing(folder, settings.vocabulary, url=f"http://127.0.0.1:{port}") as ledger:
        serve(create_app(ledger, settings), listening)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("port", type=int)
    arguments.add_argument("--profile", type=Path, help="a folder for the profiles of all threads")
    given = arguments.parse_args()
    signal.signal(signal.SIGUSR1, lambda *_: name_threads(given.folder))
    profiles = Profiles() if given.profile else None
    if profiles:
        profiles.begin()
    try:
        run(given.folder, given.port)
    finally:
        if profiles:
            profiles.write(given.profile)


if __name__ == "__main__":
    main()
