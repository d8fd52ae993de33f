"""Functions on cameras."""

import json
from typing import Final

from ledger.application.functions import Mutation, Query, Reading, array
from ledger.application.sessions import session_of
from ledger.domain import cameras
from ledger.domain.cameras import SetCameraState, UpsertCamera
from ledger.domain.ids import make_id
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import cameras as view


def _upsert(command: UpsertCamera, stream: Stream, _: Vocabulary) -> Decision:
    camera = stream.state_of(cameras.entity_of(command.camera_id), cameras.evolve)
    events = cameras.decide(command, session_of(stream), camera)
    return Decision(
        events, lambda first: json.dumps(camera.id if camera else make_id(stream.partition, "camera", first))
    )


def _set_state(command: SetCameraState, stream: Stream, _: Vocabulary) -> Decision:
    camera = stream.state_of(cameras.entity_of(command.camera_id), cameras.evolve)
    return Decision(cameras.decide(command, session_of(stream), camera), lambda _: "null")


class ListCameras(Frozen):
    session_id: Name


def _list(asked: ListCameras, reading: Reading) -> str:
    reading.require_session(asked.session_id)
    return array(view.list_all(reading.views, asked.session_id))


FUNCTIONS: Final = (
    Mutation(
        "production:upsertProductionCamera",
        "/production/camera/upsert",
        UpsertCamera,
        "id",
        _upsert,
        lambda command: command.session_id,
        "Registers a camera of a session, or patches it, and answers its Id.",
        scope="write:cameras",
    ),
    Mutation(
        "production:setProductionCameraState",
        "/production/camera/state",
        SetCameraState,
        "null",
        _set_state,
        lambda command: command.session_id,
        "Patches a camera that is registered: its activity, role or priority.",
        scope="write:cameras",
    ),
    Query(
        "production:listProductionSessionCameras",
        "/production/cameras",
        ListCameras,
        _list,
        lambda asked: asked.session_id,
        "All cameras of a session, by cameraId.",
        "Cameras",
        scope="read",
        views=frozenset({"sessions", "cameras"}),
    ),
)
