"""Functions on captures."""

import json
from typing import Final

from ledger.application.functions import Mutation, Query, Reading, array
from ledger.domain import captures
from ledger.domain.captures import CaptureEvent, CaptureNotFound, MoveCapture, RecordCapture, StoreCapture
from ledger.domain.ids import ThingId, make_id, parse_id, partition_kind
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import captures as view

RECENT: Final = 20
_FIRST: Final = 1
"""The sequence of a name's first capture, of which pipelines speak when they speak of the name."""


def _record(command: RecordCapture, stream: Stream, _: Vocabulary) -> Decision:
    return _recorded(captures.decide_recording(command), stream)


def _recorded(events: list[CaptureEvent], stream: Stream) -> Decision:
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "capture", first)))


def _named(command: MoveCapture) -> ThingId:
    named = parse_id(command.id)
    if named is None or named.kind != "capture" or partition_kind(named.partition) != "capture":
        raise CaptureNotFound(command.id)
    return named


def _move(command: MoveCapture, stream: Stream, _: Vocabulary) -> Decision:
    capture = stream.state_of(captures.entity_of(_named(command).sequence), captures.evolve)
    return Decision(captures.decide_move(command, capture), lambda _: "null")


def _store(command: StoreCapture, stream: Stream, _: Vocabulary) -> Decision:
    capture = stream.state_of(captures.entity_of(_FIRST), captures.evolve)
    events = captures.decide_report(command, capture)
    return _recorded(events, stream) if capture is None else Decision(events, lambda _: json.dumps(capture.id))


class ListRecentCaptures(Frozen):
    pass


def _list_recent(_: ListRecentCaptures, reading: Reading) -> str:
    return array(view.newest(reading.views, RECENT))


FUNCTIONS: Final = (
    Mutation(
        "captures:create",
        "/captures",
        RecordCapture,
        "id",
        _record,
        lambda command: captures.partition_of(command.image_url),
        "Records a frame to be identified and answers its Id. Of the image only its URL is kept.",
        scope="write:captures",
        about="capture",
    ),
    Mutation(
        "captures:updateStatus",
        "/captures/status",
        MoveCapture,
        "null",
        _move,
        lambda command: _named(command).partition,
        "Says how far identification has come, and whom it has found. It moves one way; after a failure it may begin anew.",
        scope="write:captures",
        about="capture",
    ),
    Mutation(
        "captures:store",
        "/captures/store",
        StoreCapture,
        "id",
        _store,
        lambda command: captures.partition_of(command.report.capture_id),
        "What a pipeline says of a frame, new or known, as often and in whatever order it says it; answers the frame's Id.",
        scope="write:captures",
        about="capture",
    ),
    Query(
        "captures:listRecent",
        "/captures",
        ListRecentCaptures,
        _list_recent,
        None,
        "The 20 newest captures, newest first.",
        "Captures",
        scope="read",
        views=frozenset({"captures"}),
        about="capture",
        is_brief=True,
    ),
)
