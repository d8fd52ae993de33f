"""The access keys at hand: what every request is checked against, without a question to the log for each."""

from hmac import compare_digest
from math import inf
from threading import Lock
from time import monotonic, time
from typing import Final

from sqlalchemy import Engine

from ledger.application.issuer import Issuer
from ledger.domain.keys import ENTITY, KEYS_PARTITION, PREFIX, AccessKey, AccessKeys, digest_of_key, evolve
from ledger.domain.refusals import Unauthorized
from ledger.log.reading import head_of, read_entity

LOOK_SECONDS: Final = 0.5
"""How old the keys at hand may be where another process has changed them."""
_INDEX_CHARACTERS: Final = 16


class Keyring:
    """Threads may share it."""

    def __init__(self, reading: Engine) -> None:
        """``reading`` is an engine of its own: nobody's long answer may keep a request from being let in."""
        self._reading = reading
        self._lock = Lock()
        self._looked_at = -inf
        self._sequence = 0
        self._good: dict[str, AccessKey] = {}
        self.issuer: Issuer | None = None
        """Whose tokens are as good as keys, if anybody's."""

    def is_needed(self) -> bool:
        """Whether callers must show a key: from the first on that was ever added, also where all are revoked by now; or
        where there is an issuer of tokens.
        """
        if self.issuer is not None:
            return True
        self._look()
        return self._sequence > 0

    def has_good_one(self) -> bool:
        """Whether anybody could be let in by a key."""
        self._look()
        return bool(self._good)

    def holder(self, shown: str) -> AccessKey:
        """The key whose text a caller shows, or what stands for one in its token. Raises Unauthorized where it is none."""
        if self.issuer is not None and not shown.startswith(PREFIX):
            return self.issuer.holder(shown, time())
        return self.holder_of(digest_of_key(shown))

    def holder_of(self, digest: str) -> AccessKey:
        """The key that has this SHA-256. Raises Unauthorized where there is none, or it was revoked."""
        self._look()
        key = self._good.get(digest[:_INDEX_CHARACTERS])
        if key is None or not compare_digest(key.sha256, digest):
            raise Unauthorized("this is no key of this ledger, or it was revoked")
        return key

    def forget(self) -> None:
        """The keys have changed: whoever comes next is checked against those in the log."""
        self._looked_at = -inf

    def _look(self) -> None:
        with self._lock:
            now = monotonic()
            if now - self._looked_at < LOOK_SECONDS:
                return
            self._looked_at = now  # before the look, so that what is forgotten during it is looked at again
            try:
                self._look_into_log()
            except BaseException:
                self._looked_at = -inf  # whoever comes next must not be checked against keys that were never read
                raise

    def _look_into_log(self) -> None:
        with self._reading.begin() as connection:
            head = head_of(connection, KEYS_PARTITION).sequence
            if head == self._sequence:
                return
            keys: AccessKeys = ()
            for entry in read_entity(connection, KEYS_PARTITION, ENTITY):
                keys = evolve(keys, entry)
        self._good = {key.sha256[:_INDEX_CHARACTERS]: key for key in keys if key.revoked_at is None}
        self._sequence = head
