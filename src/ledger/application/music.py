"""Functions on music moments."""

import json
from typing import Final

from ledger.application.functions import Mutation, Query, Reading, array
from ledger.application.pages import Limit
from ledger.application.sessions import session_of
from ledger.domain import music
from ledger.domain.ids import make_id
from ledger.domain.music import RecordMusicMoment
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import music as view
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT


def _record(command: RecordMusicMoment, stream: Stream, _: Vocabulary) -> Decision:
    events = music.decide(command, session_of(stream))
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "music", first)))


class ListMusicMoments(Frozen):
    session_id: Name
    limit: Limit = ANSWER_LENGTH_DEFAULT


def _list(asked: ListMusicMoments, reading: Reading) -> str:
    reading.require_session(asked.session_id)
    return array(view.list_first(reading.views, asked.session_id, asked.limit))


FUNCTIONS: Final = (
    Mutation(
        "production:appendMusicMoment",
        "/production/music-moment",
        RecordMusicMoment,
        "id",
        _record,
        lambda command: command.session_id,
        "Records a music moment and answers its Id.",
        scope="write:music",
    ),
    Query(
        "production:listMusicMoments",
        "/production/music-moments",
        ListMusicMoments,
        _list,
        lambda asked: asked.session_id,
        "Music moments by time.",
        "MusicMoments",
        scope="read",
        views=frozenset({"sessions", "music_moments"}),
    ),
)
