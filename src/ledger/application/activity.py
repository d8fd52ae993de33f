"""The activity log: what happens to captures, in words for whoever watches."""

from typing import Final

from ledger.application.functions import Query, Reading, array
from ledger.application.pages import Limit
from ledger.domain.values import Frozen
from ledger.projections import activity as view

RECENT: Final = 50


class ListRecentActivity(Frozen):
    limit: Limit = RECENT


def _list_recent(asked: ListRecentActivity, reading: Reading) -> str:
    return array(view.newest(reading.views, asked.limit))


FUNCTIONS: Final = (
    Query(
        "intel:recentActivity",
        "/activity",
        ListRecentActivity,
        _list_recent,
        None,
        "The newest activity, newest first; 50 entries where no limit is given.",
        "Activities",
        scope="read",
        views=frozenset({"activity"}),
        about="capture",
    ),
)
