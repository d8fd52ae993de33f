"""Access keys: who may come in, and what each may do.

A key is a text that only its holder has; what is recorded of it is its SHA-256. Every key that there ever was is one fold:
a name may be given again once its key is revoked, a key itself never.
"""

from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final, Literal, assert_never

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ledger.domain.entries import Entry, Event
from ledger.domain.refusals import Invalid, KeyNameTaken, KeyNotFound, KeyUsedBefore
from ledger.domain.values import Frozen, Name

Scope = Literal[
    "read",
    "write",
    "write:sessions",
    "write:cameras",
    "write:director",
    "write:stills",
    "write:music",
    "write:assets",
    "write:captures",
    "write:images",
    "write:videos",
    "write:recordings",
    "write:jobs",
    "admin",
]
"""What a function asks of a key. ``write`` stands for every ``write:…``, ``admin`` for everything."""

ENTITY: Final = "keys"
KEYS_PARTITION: Final = "keys"
"""Keys belong to no session: this is where they are kept. No session's Id is like it."""
PREFIX: Final = "ledger_"
"""What every key begins with, so that people and scanners of source code know one when they see it."""
NAME_LENGTH_MAX: Final = 128


def digest_of_key(key: str) -> str:
    """What is kept of a key: its SHA-256 in hexadecimal. A key is 256 random bits, so nothing slower is needed."""
    return sha256(key.encode()).hexdigest()


# What has happened.


class KeyAdded(Event):
    stored_as: ClassVar[str] = "key-added.1"
    name: str
    sha256: str
    scopes: tuple[str, ...]
    session_id: str | None = None

    def entity(self, sequence: int) -> str:
        return ENTITY


class KeyRevoked(Event):
    stored_as: ClassVar[str] = "key-revoked.1"
    name: str

    def entity(self, sequence: int) -> str:
        return ENTITY


EVENTS: Final = (KeyAdded, KeyRevoked)


# What it amounts to.


class AccessKey(Frozen):
    """A key as it stands. Whoever holds it writes under its name."""

    name: str
    scopes: tuple[str, ...]
    sha256: str
    session_id: str | None = None
    """The one session that it is good for, where it is bound."""
    created_at: int
    created_by: str
    revoked_at: int | None = None
    revoked_by: str | None = None

    def allows(self, scope: Scope) -> bool:
        """``write`` is asked of those who may write anything at all."""
        if scope == "write":
            return any(held == "admin" or held.startswith("write") for held in self.scopes)
        return scope in self.scopes or "admin" in self.scopes or ("write" in self.scopes and scope.startswith("write:"))


AccessKeys = tuple[AccessKey, ...]
"""Every key that there ever was, in the order in which they were added."""


def evolve(keys: AccessKeys | None, entry: Entry) -> AccessKeys:
    """The keys after one more entry."""
    keys = keys or ()
    match entry.event:
        case KeyAdded() as added:
            facts = added.model_dump()
            return (*keys, AccessKey(created_at=entry.recorded_at, created_by=entry.actor, **facts))
        case KeyRevoked() as revoked:
            end = {"revoked_at": entry.recorded_at, "revoked_by": entry.actor}
            return tuple(key.model_copy(update=end) if _is_good(key, revoked.name) else key for key in keys)
        case event:
            raise AssertionError(f"{type(event).__name__} is no event of a key")


def _is_good(key: AccessKey, name: str) -> bool:
    return key.name == name and key.revoked_at is None


# What may happen.


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise PydanticCustomError("key_name", "must be printable characters, with no space at either end")
    return value


def _each_once(scopes: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(scopes))


KeyName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH_MAX), AfterValidator(_printable)]
"""The name is what is recorded as the writer: what a header could carry, too."""


class AddKey(Frozen):
    name: KeyName
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    scopes: Annotated[tuple[Scope, ...], Field(strict=False, min_length=1, fail_fast=True), AfterValidator(_each_once)]
    session_id: Name | None = None


class RevokeKey(Frozen):
    name: KeyName


KeyCommand = AddKey | RevokeKey


def decide(command: KeyCommand, keys: AccessKeys) -> list[KeyAdded | KeyRevoked]:
    """The events of a command on keys, none where it has been carried out before.

    Raises KeyNameTaken, KeyUsedBefore, KeyNotFound, or Invalid for an administrator's key that is bound to one session.
    """
    held = next((key for key in keys if _is_good(key, command.name)), None)
    match command:
        case AddKey():
            added = KeyAdded(**command.model_dump())
            if held is not None and _says(held) == added:
                return []
            if held is not None:
                raise KeyNameTaken(command.name)
            if before := next((key.name for key in keys if key.sha256 == command.sha256), None):
                raise KeyUsedBefore(before)
            if command.session_id is not None and "admin" in command.scopes:
                raise Invalid("sessionId", "a key with the scope admin cannot be bound to one session")
            return [added]
        case RevokeKey():
            if held is not None:
                return [KeyRevoked(name=command.name)]
            if any(key.name == command.name for key in keys):
                return []
            raise KeyNotFound(command.name)
        case _:
            assert_never(command)


def _says(key: AccessKey) -> KeyAdded:
    """The fact that a key was added by."""
    return KeyAdded(name=key.name, sha256=key.sha256, scopes=key.scopes, session_id=key.session_id)
