"""Functions on access keys. They are facts like all others: recorded with who added or revoked them, and proved with the rest."""

import json
from typing import Final

from ledger.application.functions import LOG, Mutation, Query, Reading, array
from ledger.domain import keys
from ledger.domain.keys import KEYS_PARTITION, AccessKey, AccessKeys, AddKey, KeyCommand, RevokeKey
from ledger.domain.refusals import SessionNotFound
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.reading import head_of, read_entity
from ledger.log.requests import Decision
from ledger.log.stream import Stream


def _decide(command: KeyCommand, stream: Stream, _: Vocabulary) -> Decision:
    if isinstance(command, AddKey) and command.session_id is not None:
        known = command.session_id != KEYS_PARTITION and head_of(stream.connection, command.session_id).sequence
        if not known:
            raise SessionNotFound(command.session_id)
    held = stream.state_of(keys.ENTITY, keys.evolve) or ()
    return Decision(keys.decide(command, held), lambda _: "null")


class ListKeys(Frozen):
    pass


def _list(_: ListKeys, reading: Reading) -> str:
    held: AccessKeys = ()
    with reading.log.snapshot() as connection:
        for entry in read_entity(connection, KEYS_PARTITION, keys.ENTITY):
            held = keys.evolve(held, entry)
    return array([_shown(key) for key in held])


def _shown(key: AccessKey) -> str:
    return json.dumps(key.model_dump(by_alias=True, exclude_none=True, exclude={"sha256"}), ensure_ascii=False)


FUNCTIONS: Final = (
    Mutation(
        "ledger:addKey",
        "/ledger/keys/add",
        AddKey,
        "null",
        _decide,
        lambda _: KEYS_PARTITION,
        "Lets the holder of a key in. Only its SHA-256 is sent and kept; the name is who its holder writes as.",
        scope="admin",
    ),
    Mutation(
        "ledger:revokeKey",
        "/ledger/keys/revoke",
        RevokeKey,
        "null",
        _decide,
        lambda _: KEYS_PARTITION,
        "Ends a key at once, and for ever; what was written with it stays.",
        scope="admin",
    ),
    Query(
        "ledger:listKeys",
        "/ledger/keys",
        ListKeys,
        _list,
        lambda _: KEYS_PARTITION,
        "Every key that there ever was, in the order of adding.",
        "Keys",
        scope="admin",
        views=LOG,
    ),
)
