import pytest

from ledger.application.functions import Caller
from ledger.domain.keys import KEYS_PARTITION, digest_of_key
from ledger.domain.refusals import SessionNotFound
from ledger.log.reading import read_stream
from tests.application.asking import Asking


def test_keys_are_listed_with_everything_but_what_opens_the_door(ask: Asking):
    session = ask.start()
    ask.write("ledger:addKey", name="ann", sha256=digest_of_key("a"), scopes=["admin"])
    ask.write("ledger:addKey", name="pose", sha256=digest_of_key("p"), scopes=["write:stills"], sessionId=session)
    ask.write("ledger:revokeKey", name="ann")
    first, second = ask.read("ledger:listKeys")
    assert first.keys() == {"name", "scopes", "createdAt", "createdBy", "revokedAt", "revokedBy"}
    assert (first["name"], first["createdBy"], first["revokedBy"]) == ("ann", "ann", "ann")
    assert second.keys() == {"name", "scopes", "sessionId", "createdAt", "createdBy"}
    assert (second["scopes"], second["sessionId"]) == (["write:stills"], session)


@pytest.mark.parametrize("nowhere", ["s1", KEYS_PARTITION])
def test_a_key_is_bound_only_to_a_session_that_there_is(ask: Asking, nowhere: str):
    ask.write("ledger:addKey", name="ann", sha256=digest_of_key("a"), scopes=["admin"])
    with pytest.raises(SessionNotFound):
        ask.write("ledger:addKey", name="pose", sha256=digest_of_key("p"), scopes=["read"], sessionId=nowhere)
    assert len(ask.read("ledger:listKeys")) == 1


@pytest.mark.parametrize("name", ["getCutLog", "listSessionHistory", "getSessionAsOf", "getProductionTimeline"])
def test_keys_are_no_session_to_look_into(ask: Asking, name: str):
    ask.write("ledger:addKey", name="ann", sha256=digest_of_key("a"), scopes=["admin"])
    with pytest.raises(SessionNotFound):
        ask.read(name, sessionId=KEYS_PARTITION)


def test_the_ledger_never_sees_a_key_only_its_digest(ask: Asking):
    ask.write("ledger:addKey", caller=Caller("cli", "once"), name="ann", sha256=digest_of_key("a"), scopes=["admin"])
    with ask.ledger.log.snapshot() as connection:
        (entry,) = read_stream(connection, KEYS_PARTITION)
    assert entry.actor == "cli"
    assert entry.body == f'{{"name":"ann","sha256":"{digest_of_key("a")}","scopes":["admin"]}}'
