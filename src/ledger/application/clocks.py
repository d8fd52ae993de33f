"""How far each writer's clock is off the server's, and when it jumped."""

from typing import Annotated, Final

from pydantic import Field

from ledger.application.functions import LOG, Query, Reading, array
from ledger.domain.clocks import JUMP_MS_DEFAULT, writer_clocks
from ledger.domain.values import TIMESTAMP_MS_MAX, Frozen, Name, Whole
from ledger.log import garbage


class ListWriterClocks(Frozen):
    session_id: Name
    jump_ms: Annotated[Whole, Field(ge=1, le=TIMESTAMP_MS_MAX)] = JUMP_MS_DEFAULT


def _list(asked: ListWriterClocks, reading: Reading) -> str:
    with reading.log.snapshot() as connection, garbage.paused():
        history = reading.history_of(connection, asked.session_id)
        return array([clock.model_dump_json(by_alias=True) for clock in writer_clocks(history, asked.jump_ms)])


FUNCTIONS: Final = (
    Query(
        "production:listWriterClocks",
        "/production/session/clocks",
        ListWriterClocks,
        _list,
        lambda asked: asked.session_id,
        "How far each writer's clock is off the server's, as far as its facts can tell, and where it jumped.",
        "WriterClocks",
        scope="read",
        views=LOG,
    ),
)
