"""Tokens of a trusted issuer: who bears one, what it is for, and until when."""

from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.application.issuer import LEEWAY_SECONDS, Issuer
from ledger.domain.refusals import Unauthorized

PRIVATE: Final = ec.generate_private_key(ec.SECP256R1())
NOW: Final = 4_000_000_000  # the library's own clock is far from there


def public(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def token(key: Any = PRIVATE, algorithm: str = "ES256", **claims: Any) -> str:
    said = {"sub": "ann", "iat": 1_700_000_000, "exp": NOW} | claims
    return jwt.encode({name: value for name, value in said.items() if value is not None}, key, algorithm)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(public(PRIVATE), issuer="https://id.example", audience="ledger", scopes=("read",))


OURS: Final = {"iss": "https://id.example", "aud": "ledger"}


def test_a_token_names_its_bearer_and_what_it_is_for(issuer: Issuer):
    key = issuer.holder(token(**OURS, scope="openid write:director read"), NOW - 1)
    assert (key.name, key.scopes, key.session_id) == ("ann", ("write:director", "read"), None)
    bound = issuer.holder(token(**OURS, scopes=["read"], ledgerSession="s1"), NOW - 1)
    assert (bound.scopes, bound.session_id) == (("read",), "s1")


def test_a_token_without_scopes_of_ours_is_for_what_the_deployment_says(issuer: Issuer):
    assert issuer.holder(token(**OURS, scope="openid"), NOW - 1).scopes == ("read",)


def test_a_token_that_has_run_out_is_no_longer_good_although_it_was_known(issuer: Issuer):
    good = token(**OURS)
    issuer.holder(good, NOW)
    with pytest.raises(Unauthorized, match="run out"):
        issuer.holder(good, NOW + LEEWAY_SECONDS + 1)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "others"},
        {"sub": None},
        {"iat": None},
        {"exp": None},
        {"exp": 1_700_000_000},
    ],
)
def test_a_token_that_is_not_ours_is_refused(issuer: Issuer, claims: dict[str, Any]):
    with pytest.raises(Unauthorized, match="the token is not good"):
        issuer.holder(token(**OURS | claims), NOW - 1)


def test_a_token_of_another_key_and_one_that_is_signed_with_the_public_key_are_refused(issuer: Issuer):
    unsigned = jwt.encode({"sub": "ann", "iat": 1, "exp": NOW, **OURS}, "", "none")
    foreign = token(ec.generate_private_key(ec.SECP256R1()), **OURS)
    for bad in (unsigned, foreign, "a.b.c", ""):
        with pytest.raises(Unauthorized):
            issuer.holder(bad, NOW - 1)


def test_other_kinds_of_keys_do_as_well():
    private = ed25519.Ed25519PrivateKey.generate()
    assert Issuer(public(private)).holder(token(private, "EdDSA"), NOW - 1).name == "ann"
    as_jwk = jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key())
    assert Issuer(str(as_jwk)).holder(token(), NOW - 1).name == "ann"


@pytest.mark.parametrize("text", ["nonsense", "{}", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"])
def test_what_is_no_key_is_told_at_once(text: str):
    with pytest.raises(ValueError, match="LEDGER_JWT_KEY"):
        Issuer(text)
