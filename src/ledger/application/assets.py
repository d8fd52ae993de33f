"""Functions on assets."""

import json
from typing import Final

from ledger.application.functions import Mutation, Query, Reading, array
from ledger.application.pages import Limit
from ledger.application.sessions import session_of
from ledger.domain import assets
from ledger.domain.assets import RegisterAsset
from ledger.domain.ids import make_id
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import assets as view
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT


def _register(command: RegisterAsset, stream: Stream, _: Vocabulary) -> Decision:
    events = assets.decide(command, session_of(stream))
    return Decision(events, lambda first: json.dumps(make_id(stream.partition, "asset", first)))


class ListAssets(Frozen):
    session_id: Name
    asset_type: Name | None = None
    limit: Limit = ANSWER_LENGTH_DEFAULT


def _list(asked: ListAssets, reading: Reading) -> str:
    reading.require_session(asked.session_id)
    return array(view.list_first(reading.views, asked.session_id, limit=asked.limit, asset_type=asked.asset_type))


FUNCTIONS: Final = (
    Mutation(
        "production:createProductionAsset",
        "/production/asset",
        RegisterAsset,
        "id",
        _register,
        lambda command: command.session_id,
        "Registers an exported output and answers its Id.",
        scope="write:assets",
    ),
    Query(
        "production:listProductionAssets",
        "/production/assets",
        ListAssets,
        _list,
        lambda asked: asked.session_id,
        "Assets in the order in which they were recorded.",
        "Assets",
        scope="read",
        views=frozenset({"sessions", "assets"}),
    ),
)
