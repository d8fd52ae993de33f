"""The point in the ledger that a read must show at least, and the one that its answer shows: the same on every door over HTTP."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Scope

from ledger.api.asgi import Header, header
from ledger.application.ledger import Answer
from ledger.log.positions import Position

AT_LEAST: Final = "atLeast"


def at_least_of(scope: Scope) -> Position | None:
    """What the answer must show: from the address, else from the header. Raises Invalid where it is no position."""
    return at_least_said(scope, dict(parse_qsl(scope["query_string"].decode("latin-1"))).get(AT_LEAST))


def at_least_said(scope: Scope, in_address: str | None) -> Position | None:
    """The same where it is known what the address says. Raises Invalid where that, or the header, is no position."""
    token = in_address or header(scope, b"ledger-at-least")
    return Position.parse(token) if token else None


def shown_by(answers: Sequence[Answer]) -> list[Header]:
    """What is told beside answers that are given together: the point that all of them show, and what they may lack."""
    if not answers:
        return []
    # An answer from the log itself shows that, which is never behind the views that the others show.
    least = min((answer.position for answer in answers), key=lambda it: sum(position for _, position in it.shards))
    headers: list[Header] = [(b"ledger-position", str(least).encode())]
    if any(answer.stale for answer in answers):
        headers.append((b"ledger-stale", b"true"))
    if parked := sorted({it for answer in answers for it in answer.parked}):
        headers.append((b"ledger-parked", ", ".join(parked).encode()))
    return headers
