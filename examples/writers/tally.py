"""A tally listener: a switcher says over TCP, a line at a time, which input is on air (``TALLY 3``), and every change is a cut.

    python examples/writers/tally.py http://127.0.0.1:8000 spools/tally SESSION --switcher 127.0.0.1:9910

Where the switcher goes away it is dialled again; where the network to the ledger does, cuts wait on this machine's disk.
"""

import argparse
import socket
import time
from collections.abc import Iterator

from ledger.client import Writer

REDIAL_SECONDS = 1.0


def on_air(switcher: tuple[str, int], redial: bool) -> Iterator[str]:
    """The input that is on air, whenever the switcher says so."""
    while True:
        try:
            with socket.create_connection(switcher, timeout=5) as connection:
                connection.settimeout(None)
                for line in connection.makefile(encoding="ascii", errors="replace"):
                    word, _, name = line.strip().partition(" ")
                    if word == "TALLY" and name:
                        yield name
        except OSError:
            pass
        if not redial:
            return
        time.sleep(REDIAL_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("spool")
    parser.add_argument("session")
    parser.add_argument("--switcher", default="127.0.0.1:9910")
    parser.add_argument("--once", action="store_true", help="end when the switcher hangs up")
    parser.add_argument("--key")
    given = parser.parse_args()
    host, _, port = given.switcher.rpartition(":")
    with Writer(given.url, given.key, spool=given.spool) as writer:
        before = None
        for name in on_air((host, int(port)), redial=not given.once):
            if name != before:
                writer.append_director_event(given.session, "cut", camera_id=f"input-{name}", reason="tally")
                before = name
        writer.flush()


if __name__ == "__main__":
    main()
