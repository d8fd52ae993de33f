"""Functions on still candidates."""

import json
from typing import Final

from ledger.application.functions import Mutation, Query, Reading, array
from ledger.application.pages import Limit
from ledger.application.sessions import session_of
from ledger.domain import stills
from ledger.domain.ids import ThingId, make_id, parse_id
from ledger.domain.refusals import StillNotFound
from ledger.domain.stills import RecordStill, UpdateStill
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import stills as view
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT


def _record(command: RecordStill, stream: Stream, _: Vocabulary) -> Decision:
    named = parse_id(command.source_event_id) if command.source_event_id else None
    source = stream.event_at(named.sequence) if named and named.partition == stream.partition else None
    events = stills.decide_recording(command, session_of(stream), source)
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "still", first)))


def _named(command: UpdateStill) -> ThingId:
    named = parse_id(command.still_candidate_id)
    if named is None or named.kind != "still":
        raise StillNotFound(command.still_candidate_id)
    return named


def _update(command: UpdateStill, stream: Stream, _: Vocabulary) -> Decision:
    still = stream.state_of(stills.entity_of(_named(command).sequence), stills.evolve)
    return Decision(stills.decide_update(command, still), lambda _: "null")


class ListStills(Frozen):
    session_id: Name
    limit: Limit = ANSWER_LENGTH_DEFAULT
    camera_id: Name | None = None
    favorites_only: bool = False


def _list(asked: ListStills, reading: Reading) -> str:
    reading.require_session(asked.session_id)
    return array(
        view.best(
            reading.views,
            asked.session_id,
            limit=asked.limit,
            camera_id=asked.camera_id,
            favorites_only=asked.favorites_only,
        )
    )


FUNCTIONS: Final = (
    Mutation(
        "production:createStillCandidate",
        "/production/still-candidate",
        RecordStill,
        "id",
        _record,
        lambda command: command.session_id,
        "Records a still candidate and answers its Id.",
        scope="write:stills",
    ),
    Mutation(
        "production:updateStillCandidate",
        "/production/still/update",
        UpdateStill,
        "null",
        _update,
        lambda command: _named(command).partition,
        "Patches a still candidate: its image, score, label, or whether it is a favourite or selected for the edit.",
        scope="write:stills",
    ),
    Query(
        "production:listStillCandidates",
        "/production/stills",
        ListStills,
        _list,
        lambda asked: asked.session_id,
        "Still candidates, best first: score descending, then time.",
        "Stills",
        scope="read",
        views=frozenset({"sessions", "stills"}),
    ),
)
