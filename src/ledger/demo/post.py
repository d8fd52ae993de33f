"""The sample shoot's post-production: stills judged while the shoot goes on, and everything that is finished after it."""

from random import Random
from typing import Any, Final

from ledger.demo.poses import StillPlan
from ledger.demo.script import SESSION, Call, Ref

SELECTED_COUNT: Final = 24
_LAG_MS: Final = 9_000
"""How far the extraction of stills is behind the stage."""


def finish(random: Random, stills: list[StillPlan], end_ms: int) -> list[Call]:
    """What the post worker records, in its order."""
    calls: list[Call] = []
    for still in stills:
        extracted = {"imagePath": f"stills/{still.camera_id}/{still.name}.jpg", "score": _refined(random, still)}
        calls.append(_update(still, still.at_ms + _LAG_MS, extracted | _favourite(still)))
    calls.sort(key=lambda call: call.at_ms)
    after_ms = max(end_ms, calls[-1].at_ms) + 60_000
    selected = sorted(stills, key=lambda still: (-still.score, still.at_ms))[:SELECTED_COUNT]
    for number, still in enumerate(selected):
        at_ms = after_ms + number * 2_000
        calls.append(_update(still, at_ms, {"selectedForEdit": True}))
        calls.append(
            _asset(
                at_ms + 1_000,
                "hero_still",
                f"select/{still.label}-{number + 1:02}.tif",
                stillCandidateId=Ref(still.name),
            )
        )
    late_ms = after_ms + 3_600_000
    sketch = {"bars": "all", "engine": "live sketch", "stems": ["pads", "bass", "drums"]}
    calls.append(_asset(late_ms, "song_sketch", "music/song-sketch.wav", **sketch))
    calls.append(_asset(late_ms + 1, "contact_sheet", "select/contact-sheet.pdf", stills=len(selected)))
    calls += [_asset(late_ms + 1 + n, "clip", f"clips/teaser-{n}.mp4", aspect="9:16") for n in range(1, 4)]
    # Somebody looked at the cut log, and takes back a cut that was a slip of the hand.
    void = {"sessionId": SESSION, "eventId": Ref("mistake"), "changes": {"void": True}, "reason": "a slip of the hand"}
    calls.append(Call(late_ms + 10, "production:correctDirectorEvent", void))
    calls.append(_asset(late_ms + 20, "video_master", "master/programme-v1.mov", codec="ProRes 422 HQ"))
    return calls


def _refined(random: Random, still: StillPlan) -> float:
    return round(min(1.0, max(0.0, still.score + random.uniform(-0.05, 0.05))), 3)


def _favourite(still: StillPlan) -> dict[str, bool]:
    return {"isFavorite": True} if still.score > 0.9 else {}


def _update(still: StillPlan, at_ms: int, changes: dict[str, Any]) -> Call:
    return Call(at_ms, "production:updateStillCandidate", {"stillCandidateId": Ref(still.name), **changes})


def _asset(at_ms: int, asset_type: str, path: str, **metadata: Any) -> Call:
    asset = {"assetType": asset_type, "path": path, "source": "post", "status": "ready", "metadata": metadata}
    return Call(at_ms, "production:createProductionAsset", {"sessionId": SESSION, **asset})
