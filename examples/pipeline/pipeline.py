"""A pipeline that identifies frames: each is stored as it is captured, looked at, and stored again with what was found.

    python examples/pipeline/pipeline.py http://127.0.0.1:8000 glasses_stream frames/*.jpg

On PyPI ``convex`` as it is. Storing a frame again is safe: its name is what it goes by, in whichever pipeline.
"""

import argparse
from pathlib import Path

from convex import ConvexClient


def person_in(frame: Path) -> str | None:
    """Where a model would look into the picture, the file's name says who is in it: ``ann.jpg``."""
    return frame.stem if frame.stem.isalpha() else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("source")
    parser.add_argument("frames", nargs="+", type=Path)
    given = parser.parse_args()
    ledger = ConvexClient(given.url)
    for frame in given.frames:
        known = {"capture_id": frame.name, "source": given.source}
        ledger.mutation("captures:store", {"data": known | {"status": "identifying"}})
        person = person_in(frame)
        found = {"status": "identified", "person_id": person} if person else {"status": "failed"}
        ledger.mutation("captures:store", {"data": known | found})
    for capture in ledger.query("captures:listRecent"):
        print(capture["imageUrl"], capture["status"], capture.get("personId", ""))


if __name__ == "__main__":
    main()
