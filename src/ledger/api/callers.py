"""Who calls, as a request says: its writer's name, its idempotency key, and the origin that it used."""

from typing import Final

from starlette.types import Scope

from ledger.api.asgi import header
from ledger.api.keys import access_of
from ledger.application.functions import ANONYMOUS, Caller
from ledger.domain.refusals import ActorNotYours, Invalid

ACTOR_LENGTH_MAX: Final = 128
KEY_LENGTH_MAX: Final = 255


def caller_of(scope: Scope) -> Caller:
    actor = header(scope, b"ledger-actor")
    key = header(scope, b"idempotency-key")
    if actor is not None and not (0 < len(actor) <= ACTOR_LENGTH_MAX and actor.isprintable()):
        raise Invalid("Ledger-Actor", f"must be 1 to {ACTOR_LENGTH_MAX} printable characters")
    require_key(key, "Idempotency-Key")
    access = access_of(scope)
    if access is None:
        return Caller(actor or ANONYMOUS, key, origin=origin_of(scope))
    if actor not in (None, access.name):
        raise ActorNotYours(access.name)
    return Caller(access.name, key, access, origin_of(scope))


def require_key(key: str | None, field: str) -> None:
    """Raises Invalid for what can be no idempotency key."""
    if key is not None and not (0 < len(key) <= KEY_LENGTH_MAX and key.isprintable()):
        raise Invalid(field, f"must be 1 to {KEY_LENGTH_MAX} printable characters")


def asker_of(scope: Scope) -> Caller:
    """A question is recorded nowhere: of its caller only the key counts, and where it stands."""
    return Caller(access=access_of(scope), origin=origin_of(scope))


def origin_of(scope: Scope) -> str:
    """The origin by which a caller reaches this server."""
    return f"{scope['scheme']}://{header(scope, b'host')}"
