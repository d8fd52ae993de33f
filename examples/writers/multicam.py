"""A multicam server at 60 events a second: every frame's decision is recorded, and no frame waits for the network.

python examples/writers/multicam.py http://127.0.0.1:8000 spools/multicam --seconds 10
"""

import argparse
import math
import time

from ledger.client import Writer

FRAMES_A_SECOND = 60
CAMERAS = ("hero", "left", "wide")


def decide(frame: int) -> tuple[str, str, float]:
    """Where a real server looks at its pictures: what it does in this frame, with which camera, and how sure it is."""
    camera = CAMERAS[frame // 120 % len(CAMERAS)]
    event_type = "cut" if frame % 120 == 0 else "camera_priority_change"
    return event_type, camera, (1 + math.sin(frame / 30)) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("spool")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--key")
    given = parser.parse_args()
    # A long outage must not stop the show: priorities are what the cut log can spare first.
    with Writer(given.url, given.key, spool=given.spool, droppable=["camera_priority_change"]) as writer:
        session = writer.start_session("photoshoot_performance", status="rolling", title="Sixty a second")
        for camera in CAMERAS:
            writer.upsert_camera(session, camera, source_type="iphone", role=camera, priority_weight=1, is_active=True)
        begin = time.monotonic()
        for frame in range(int(given.seconds * FRAMES_A_SECOND)):
            event_type, camera, score = decide(frame)
            metadata = {"priorityWeight": score} if event_type == "camera_priority_change" else {"frame": frame}
            writer.append_director_event(session, event_type, camera_id=camera, score=score, metadata=metadata)
            time.sleep(max(0.0, begin + (frame + 1) / FRAMES_A_SECOND - time.monotonic()))
        writer.complete_session(session)
        writer.flush()
        print(writer.id_of(session))


if __name__ == "__main__":
    main()
