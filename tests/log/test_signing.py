from ledger.log.signing import Signer, make_secret, read_secret
from tests.log.opened import OpenLog


def test_a_ledger_draws_its_secret_once(opened: OpenLog):
    with opened.log.snapshot() as connection:
        secret = read_secret(connection)
    with opened.writing.begin() as connection:
        make_secret(connection)
        assert read_secret(connection) == secret
    assert len(secret) == 32
    assert opened.log.signer.sign("file", "f1") == Signer(secret).sign("file", "f1")


def test_no_event_tells_the_secret(opened: OpenLog):
    assert opened.rows("SELECT name FROM secrets") == [("signing",)]
    assert opened.rows("SELECT count(*) FROM events") == [(0,)]


def test_a_signature_is_good_for_its_purpose_and_for_what_it_tells():
    signer = Signer(b"secret")
    signed = {
        signer.sign("file", "f1", 7),
        signer.sign("file", "f1", 8),
        signer.sign("file", "f17", ""),
        signer.sign("file", "f1", "7", ""),
        signer.sign("callback", "f1", 7),
        Signer(b"another").sign("file", "f1", 7),
    }
    assert len(signed) == 6
