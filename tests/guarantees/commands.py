"""What writers may ask of a shoot as it stands, sensible or not, for Hypothesis to choose from."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from tests.guarantees.model import EVENT_TYPES, Shoot

Command = tuple[str, dict[str, Any]]
"""A function's name and its arguments."""

_times: Final = st.integers(0, 20) | st.sampled_from((1.5, 2.0))
_scores: Final = st.sampled_from((0, 0.25, 1))
_texts: Final = st.sampled_from(("one", "zwei", "三"))
_json: Final = st.sampled_from((0, "x", [None], {"holdId": "h", "a": {"b": [1, 2.5]}}))
_cameras: Final = st.sampled_from(("a", "b"))
_statuses: Final = st.sampled_from(("rolling", "paused", "complete", "cancelled"))


def _some(required: Mapping[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict(required), optional=optional)


def _unset(*names: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True)


_details: Final = {"title": _texts, "notes": _texts, "projectSlug": _texts, "metadata": _json}
_decision: Final = {"cameraId": _cameras, "reason": _texts, "score": _scores, "metadata": _json}
_camera: Final = {"deviceName": _texts, "isWideFallback": st.booleans(), "metadata": _json}

starts: Final = _some(
    {"sessionType": st.just("music_demo"), "timestampMs": _times},
    status=st.sampled_from(("setup", "rolling")),
    **_details,
)


def _event(types: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return _some({"timestampMs": _times, "eventType": st.sampled_from(types)}, **_decision)


_CHANGES: Final = {
    "timestampMs": _times,
    "eventType": st.sampled_from(EVENT_TYPES),
    "void": st.booleans(),
    "unset": _unset("cameraId", "score", "metadata"),
    **_decision,
}


def commands(shoot: Shoot) -> st.SearchStrategy[Command]:
    """One request about a shoot; what it names may be there or not."""
    events = st.sampled_from([*shoot.tables["events"], *list(shoot.tables["music"])[:1], f"{shoot.id}-e9999"])
    stills = st.sampled_from([*shoot.tables["stills"], f"{shoot.id}-k9999"])
    may = {
        "updateProductionSession": _some(
            {"timestampMs": _times}, status=_statuses, unset=_unset("title", "metadata"), **_details
        ),
        "completeProductionSession": _some(
            {"timestampMs": _times}, status=st.sampled_from(("complete", "cancelled")), notes=_texts
        ),
        "reopenProductionSession": _some({"reason": _texts}),
        "upsertProductionCamera": _some(
            {
                "cameraId": _cameras,
                "sourceType": _texts,
                "role": _texts,
                "priorityWeight": _scores,
                "isActive": st.booleans(),
            },
            unset=_unset("deviceName", "metadata"),
            **_camera,
        ),
        "setProductionCameraState": _some({"cameraId": _cameras}, isActive=st.booleans(), role=_texts, metadata=_json),
        "appendDirectorEvent": _event(EVENT_TYPES),
        "appendDirectorEventsBatch": _some({"events": st.lists(_event((*EVENT_TYPES, "unheard_of")), max_size=4)}),
        "markHeroPose": _some({"timestampMs": _times}, **_decision),
        "correctDirectorEvent": _some({"eventId": events, "changes": _some({}, **_CHANGES), "reason": _texts}),
        "createStillCandidate": _some(
            {"cameraId": _cameras, "timestampMs": _times, "score": _scores},
            poseLabel=_texts,
            sourceEventId=events,
            isFavorite=st.booleans(),
            metadata=_json,
        ),
        "updateStillCandidate": _some(
            {"stillCandidateId": stills},
            score=_scores,
            isFavorite=st.booleans(),
            selectedForEdit=st.booleans(),
            unset=_unset("poseLabel", "metadata"),
            metadata=_json,
        ),
        "appendMusicMoment": _some({"timestampMs": _times}, section=_texts, tempo=_scores, audioSnapshot=_json),
        "createProductionAsset": _some({"assetType": _texts, "path": _texts}, status=_texts, metadata=_json),
    }
    # First there must be something that can be changed; then it is changed more often than most things happen.
    more = ["correctDirectorEvent"] if shoot.tables["events"] else ["appendDirectorEvent", "appendDirectorEventsBatch"]
    more += ["updateStillCandidate"] if shoot.tables["stills"] else ["createStillCandidate"]
    return st.sampled_from([*may, *more * 3]).flatmap(lambda name: st.tuples(st.just(name), may[name]))
