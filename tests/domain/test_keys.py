from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.domain import keys as noun
from ledger.domain.keys import (
    ENTITY,
    PREFIX,
    AccessKey,
    AddKey,
    KeyAdded,
    KeyRevoked,
    RevokeKey,
    Scope,
    digest_of_key,
)
from ledger.domain.refusals import Invalid, KeyNameTaken, KeyNotFound, KeyUsedBefore
from tests.domain.grammar import Noun
from tests.recordings import RECORDED_AT

FIRST, SECOND = digest_of_key(f"{PREFIX}first"), digest_of_key(f"{PREFIX}second")
keys = Noun(lambda command, history: noun.decide(command, history.state(ENTITY, noun.evolve) or ()))
wanted = AddKey(name="multicam", sha256=FIRST, scopes=("write:director",))
added = KeyAdded(name="multicam", sha256=FIRST, scopes=("write:director",))
revoked = KeyRevoked(name="multicam")


def again(**changes: Any) -> AddKey:
    return wanted.model_copy(update=changes)


def test_a_key_is_added_once_however_often_it_is_asked_for():
    keys.given().when(wanted).then(added).when(wanted).then_nothing()


@pytest.mark.parametrize("changes", [{"sha256": SECOND}, {"scopes": ("read",)}, {"session_id": "s0shoot"}])
def test_a_name_that_has_a_good_key_gets_no_other(changes: dict[str, Any]):
    keys.given(added).when(again(**changes)).then_refused(KeyNameTaken, "name")


def test_a_key_that_is_bound_to_a_session_stays_bound_and_is_added_once():
    bound = added.model_copy(update={"session_id": "s0shoot"})
    after = keys.given().when(again(session_id="s0shoot")).then(bound)
    after.when(again(session_id="s0shoot")).then_nothing()
    after.when(wanted).then_refused(KeyNameTaken, "name")


def test_a_revoked_key_takes_no_other_with_it():
    other = added.model_copy(update={"name": "pose", "sha256": SECOND})
    story = keys.given(added, other).when(RevokeKey(name="pose")).after
    held = story.state(ENTITY, noun.evolve) or ()
    assert [(key.name, key.revoked_at is None) for key in held] == [("multicam", True), ("pose", False)]


def test_a_key_is_known_by_the_sha_256_of_its_text():
    assert digest_of_key("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_name_is_given_again_after_its_key_was_revoked():
    keys.given(added, revoked).when(again(sha256=SECOND)).then(added.model_copy(update={"sha256": SECOND}))


def test_a_key_that_was_ever_added_never_counts_for_another():
    keys.given(added).when(again(name="pose")).then_refused(KeyUsedBefore, "sha256")
    keys.given(added, revoked).when(wanted).then_refused(KeyUsedBefore, "sha256")
    keys.given(added, revoked).when(again(name="pose")).then_refused(KeyUsedBefore, "sha256")


def test_an_administrator_is_bound_to_no_session():
    keys.given().when(again(scopes=("read", "admin"), session_id="s0shoot")).then_refused(Invalid, "sessionId")
    keys.given().when(again(scopes=("admin",))).then(added.model_copy(update={"scopes": ("admin",)}))


def test_a_key_is_revoked_once_however_often_it_is_asked_for():
    keys.given(added).when(RevokeKey(name="multicam")).then(revoked).when(RevokeKey(name="multicam")).then_nothing()


def test_a_key_that_never_was_cannot_be_revoked():
    keys.given(added).when(RevokeKey(name="pose")).then_refused(KeyNotFound, "name")


def test_a_revoked_key_is_still_shown_with_who_did_what_when():
    story = keys.given(added, revoked, added.model_copy(update={"sha256": SECOND}))
    first, second = story.state(ENTITY, noun.evolve) or ()
    assert (first.created_at, first.created_by) == (RECORDED_AT + 1_000, "multicam")
    assert (first.revoked_at, first.revoked_by) == (RECORDED_AT + 2_000, "multicam")
    assert (second.sha256, second.revoked_at) == (SECOND, None)


def key_for(*scopes: str) -> AccessKey:
    return AccessKey(name="x", sha256=FIRST, scopes=scopes, created_at=0, created_by="ann")


@given(st.sets(st.sampled_from(get_args(Scope))), st.sampled_from(get_args(Scope)))
def test_a_key_allows_what_it_is_for_and_nothing_else(scopes: set[str], scope: Scope):
    writing = {each for each in get_args(Scope) if each.startswith("write")}
    implied = {"admin"} | ({"write"} if scope.startswith("write:") else writing if scope == "write" else set())
    assert key_for(*scopes).allows(scope) == bool(scopes & (implied | {scope}))


def test_whoever_may_write_does_not_thereby_read():
    assert not key_for("write").allows("read")
    assert not key_for("write", "read").allows("admin")


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": " multicam"},
        {"name": "multi\ncam"},
        {"name": "x" * 129},
        {"sha256": "0" * 63},
        {"sha256": FIRST.upper()},
        {"sha256": f"{FIRST}\n"},
        {"scopes": []},
        {"scopes": ["write:everything"]},
        {"scopes": "read"},
        {"session_id": ""},
    ],
)
def test_what_cannot_be_a_key_is_refused(arguments: dict[str, Any]):
    good: dict[str, Any] = {"name": "multicam", "sha256": FIRST, "scopes": ["read"]}
    assert AddKey(**good).scopes == ("read",)
    with pytest.raises(ValidationError):
        AddKey(**good | arguments)


def test_a_scope_counts_once():
    assert AddKey(name="a", sha256=FIRST, scopes=("read", "write", "read")).scopes == ("read", "write")
