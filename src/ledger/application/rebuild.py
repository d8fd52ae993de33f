"""New views in the place of those that are shown, built beside them; and the way back."""

import json
from typing import Any, ClassVar, Final

from ledger.application.functions import Acting, Action
from ledger.domain.refusals import Code, Refusal
from ledger.domain.values import Frozen
from ledger.projections.rebuild import CannotRebuildError, Rebuilding, RebuildStanding


class CannotRebuild(Refusal):
    code: ClassVar[Code] = "conflict"


class RebuildViews(Frozen):
    back: bool = False


class GetRebuild(Frozen):
    pass


def _begin(asked: RebuildViews, acting: Acting) -> str:
    rebuilding = _rebuilding(acting)
    try:
        rebuilding.begin(back=asked.back)
    except CannotRebuildError as error:
        raise CannotRebuild(str(error)) from error
    return told(rebuilding.standing)


def _get(_: GetRebuild, acting: Acting) -> str:
    return told(_rebuilding(acting).standing)


def _rebuilding(acting: Acting) -> Rebuilding:
    if acting.rebuilding is None:
        raise CannotRebuild("this process builds no views")
    return acting.rebuilding


def told(standing: RebuildStanding | None) -> str:
    """How far a rebuild has come, as JSON text; null where there was none."""
    if standing is None:
        return "null"
    said: dict[str, Any] = standing._asdict() | {"tables": [table._asdict() for table in standing.tables]}
    return json.dumps({name: value for name, value in said.items() if value is not None}, separators=(",", ":"))


FUNCTIONS: Final = (
    Action(
        "ledger:rebuildViews",
        "/ledger/views/rebuild",
        RebuildViews,
        _begin,
        None,
        "Begins to build all views anew beside those that are shown, or with `back` to bring up those that were shown before;"
        " once they have come as far they are shown, in one step.",
        "Rebuild",
        scope="admin",
    ),
    Action(
        "ledger:getRebuild",
        "/ledger/views/rebuild/standing",
        GetRebuild,
        _get,
        None,
        "How far the rebuild has come that is under way or was last, and how what is shown differs from what was; or null.",
        "Rebuild",
        scope="admin",
    ),
)
