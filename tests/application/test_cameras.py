from typing import Any

import pytest

from ledger.domain.refusals import CameraNotFound, SessionNotFound
from tests.application.asking import Asking

CAMERA: dict[str, Any] = {
    "cameraId": "a",
    "sourceType": "iphone",
    "role": "hero",
    "priorityWeight": 1,
    "isActive": True,
}


def test_a_camera_keeps_its_id_through_every_upsert(ask: Asking):
    session = ask.start()
    first = ask.write("upsertProductionCamera", sessionId=session, **CAMERA)
    assert first == f"{session}-c2"
    assert ask.write("upsertProductionCamera", sessionId=session, **CAMERA) == first
    assert ask.write("upsertProductionCamera", sessionId=session, **{**CAMERA, "role": "wide"}) == first
    assert ask.write("setProductionCameraState", sessionId=session, cameraId="a", isActive=False) is None
    (shown,) = ask.read("listProductionSessionCameras", sessionId=session)
    assert (shown["_id"], shown["role"], shown["isActive"]) == (first, "wide", False)
    assert [line["sequence"] for line in ask.read("listSessionHistory", sessionId=session)["page"]] == [1, 2, 3, 4]


def test_a_camera_is_its_sessions_own(ask: Asking):
    one, other = ask.start(), ask.start()
    ask.write("upsertProductionCamera", sessionId=one, **CAMERA)
    assert ask.read("listProductionSessionCameras", sessionId=other) == []
    with pytest.raises(CameraNotFound):
        ask.write("setProductionCameraState", sessionId=other, cameraId="a", isActive=False)


def test_a_session_that_is_not_there_has_none(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.write("upsertProductionCamera", sessionId="nobody", **CAMERA)
    with pytest.raises(SessionNotFound):
        ask.read("listProductionSessionCameras", sessionId="nobody")
