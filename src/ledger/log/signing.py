"""Signatures of this ledger's own: only it can have made them, and every server of it knows them again."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, insert, select

from ledger.log.tables import SECRETS

_NAME: Final = "signing"
_SECRET_BYTES: Final = 32


def make_secret(connection: Connection) -> None:
    """Draw the ledger's secret, once in its life: what was signed before a restart, or a restore, is good after it."""
    if connection.execute(select(SECRETS.c.name).where(SECRETS.c.name == _NAME)).first() is None:
        connection.execute(insert(SECRETS), {"name": _NAME, "secret": secrets.token_bytes(_SECRET_BYTES)})


def read_secret(connection: Connection) -> bytes:
    secret: bytes = connection.execute(select(SECRETS.c.secret).where(SECRETS.c.name == _NAME)).scalar_one()
    return bytes(secret)


class Signer:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, *told: object) -> str:
        """A signature of what is told, good for one purpose and for no other; none of it may hold a NUL.

        To be compared with ``hmac.compare_digest``.
        """
        return hmac.new(self._secret, "\x00".join(map(str, (purpose, *told))).encode(), sha256).hexdigest()
