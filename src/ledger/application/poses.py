"""Functions on pose windows."""

from typing import Final

from ledger.application.functions import LOG, Query, Reading, array
from ledger.domain.as_of import as_of
from ledger.domain.poses import GAP_MS_DEFAULT, pose_windows
from ledger.domain.refusals import AnswerTooLarge
from ledger.domain.values import Frozen, Name, TimestampMs
from ledger.log import answers, garbage
from ledger.log.answers import is_too_much


class ListPoseWindows(Frozen):
    session_id: Name
    gap_ms: TimestampMs = GAP_MS_DEFAULT
    camera_id: Name | None = None


def _list(asked: ListPoseWindows, reading: Reading) -> str:
    with reading.log.snapshot() as connection, garbage.paused():
        history = reading.history_of(connection, asked.session_id)
        windows = pose_windows(as_of(history), asked.gap_ms, asked.camera_id)
    told = [window.to_json() for window in windows]
    if is_too_much(told):
        raise AnswerTooLarge(answers.ANSWER_CHARACTERS_MAX)
    return array(told)


FUNCTIONS: Final = (
    Query(
        "production:listPoseWindows",
        "/production/session/pose-windows",
        ListPoseWindows,
        _list,
        lambda asked: asked.session_id,
        "Pose windows by when they begin: a camera's stills of one pose, the best of them, their markers, section and bar.",
        "PoseWindows",
        scope="read",
        views=LOG,
    ),
)
