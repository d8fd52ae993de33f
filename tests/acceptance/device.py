"""A device that plays its part of a shoot through a spool, in a process of its own that may be killed at any moment.

``python -m tests.acceptance.device SPOOL URL SESSION PART SECONDS COUNT`` records so many facts at an even pace, and says on stdout
how many its spool has. Started again, it goes on with the next. With ``CARELESS=fault`` in its environment, it is careless.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from time import monotonic, sleep
from typing import Any, Final

from ledger.client import SpoolFailedError, Writer

BEGIN_MS: Final = 1_773_516_600_000
LENGTH_MS: Final = 600_000
"""Ten minutes of program."""
PARTS: Final = {"multicam": 0, "pose": 1, "music": 2, "post": 3}
CAMERAS: Final = ("hero", "wide", "left", "detail")
NOBODYS_CAMERA: Final = "roof"
"""Nobody has registered it, which the audit notes, as it does that it is cut to twice, and that there was nothing to release."""


def script(part: str, count: int) -> list[dict[str, Any]]:
    """What a device records: ``function`` and arguments, in time order. No two devices ever name one millisecond."""
    step = LENGTH_MS // count
    return [_fact(part, n, BEGIN_MS + n * step + PARTS[part]) for n in range(count)]


def _fact(part: str, n: int, at: int) -> dict[str, Any]:
    numbered = {"timestampMs": at, "metadata": {"part": part, "number": n}}
    camera = CAMERAS[n % 4]
    match part:
        case "multicam" if n % 5 == 4:
            return {"function": "setProductionCameraState", "cameraId": camera, "priorityWeight": n, **numbered}
        case "multicam" if n % 50 == 12:
            return {"function": "appendDirectorEvent", "eventType": "release", "cameraId": camera, **numbered}
        case "multicam":
            return {
                "function": "appendDirectorEvent",
                "eventType": "cut",
                "cameraId": NOBODYS_CAMERA if n % 50 in (7, 8) else camera,
                "reason": f"cut {n}",
                **numbered,
            }
        case "pose" if n % 3 == 1:
            return {
                "function": "createStillCandidate",
                "cameraId": camera,
                "score": n,
                "sourceEventId": "the marker",
                **numbered,
            }
        case "pose":
            return {"function": "markHeroPose", "cameraId": camera, "score": n, **numbered}
        case "music" if n % 4 == 3:
            return {
                "function": "appendMusicMoment",
                "tempo": 120 + n % 7,
                "section": ("build", "drop")[n % 2],
                **numbered,
            }
        case "music":
            return {"function": "appendDirectorEvent", "eventType": "bar_fire", **numbered}
        case _:
            del numbered["timestampMs"]
            return {"function": "createProductionAsset", "assetType": "clip", "path": f"/clips/{n}.mp4", **numbered}


def play(writer: Writer, session: str, part: str, count: int, seconds: float) -> None:
    """Record what the spool does not have yet."""
    begun, done = monotonic(), writer.recorded
    for n, stated in enumerate(script(part, count)[done:], done):
        arguments = {name: value for name, value in stated.items() if name != "function"}
        if "sourceEventId" in arguments:
            arguments["sourceEventId"] = writer.reference(n)  # the fact before it, however many lives ago
        while True:
            try:
                writer.call(stated["function"], {"sessionId": session, **arguments})
            except SpoolFailedError:
                sleep(0.02)
                continue
            break
        print(writer.recorded, flush=True)
        sleep(max(0.0, begun + (n - done + 1) * seconds / count - monotonic()))


if __name__ == "__main__":
    spool, url, session, part, seconds, count = sys.argv[1:]
    flawed: AbstractContextManager[None] = nullcontext()
    if fault := os.environ.get("CARELESS"):
        # Brings the whole server along, which a device that is sound can do without.
        from tests.careless import careless

        flawed = careless(fault)
    with flawed, Writer(url, spool=spool, retry_seconds_max=0.5) as writer:
        play(writer, session, part, int(count), float(seconds))
        writer.flush()
