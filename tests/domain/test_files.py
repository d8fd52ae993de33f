from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.domain import files as noun
from ledger.domain.entries import Event
from ledger.domain.files import (
    ENTITY,
    UPLOAD_LIFE_MS,
    FileStored,
    GrantUpload,
    StoreFile,
    Upload,
    UploadGranted,
    digest_of_token,
    require_open,
)
from ledger.domain.refusals import FileTooLarge, Refusal, TokenUnknown, UploadExpired, UploadUsed
from tests.domain.grammar import History, Noun
from tests.recordings import RECORDED_AT, SESSION

TOKEN = "a token"
DIGEST = "ab" * 32
GRANTED_AT = RECORDED_AT + 1000


def _decide(command: Any, history: History) -> list[Any]:
    if isinstance(command, GrantUpload):
        return [*noun.decide_granting(command)]
    return [*noun.decide_storing(command, history.state(ENTITY, noun.evolve))]


files = Noun(_decide)
granted = UploadGranted(token_sha256=digest_of_token(TOKEN), bytes_max=10, life_ms=UPLOAD_LIFE_MS)
store = StoreFile(storage_id=SESSION, sha256=DIGEST, size=10, content_type="image/png")
stored = FileStored(sha256=DIGEST, size=10, content_type="image/png")


def upload_of(*events: Event) -> Upload:
    upload = files.given(*events).state(ENTITY, noun.evolve)
    assert upload is not None
    return upload


def test_what_was_let_in_may_be_stored_once():
    after = files.given().when(GrantUpload(token_sha256=digest_of_token(TOKEN), bytes_max=10)).then(granted)
    after.when(store).then(stored).when(store).then_refused(UploadUsed, "token")


def test_a_stored_file_is_what_was_brought():
    file = upload_of(granted, stored).file
    assert file is not None
    assert (file.storage_id, file.sha256, file.size, file.content_type) == (SESSION, DIGEST, 10, "image/png")
    assert file.created_at == GRANTED_AT + 1000


def test_nothing_is_stored_that_nobody_let_in():
    files.given().when(store).then_refused(TokenUnknown, "token")


def test_a_file_may_not_be_larger_than_it_was_let_in():
    files.given(granted).when(store.model_copy(update={"size": 11})).then_refused(FileTooLarge)


def refusal_of(upload: Upload | None, token: str = TOKEN, after_ms: int = 0) -> type[Refusal] | None:
    try:
        require_open(upload, token, GRANTED_AT + after_ms)
    except Refusal as refusal:
        return type(refusal)
    return None


def test_an_upload_begins_within_its_hour_and_with_its_token():
    open_one = upload_of(granted)
    assert refusal_of(open_one) is None
    assert refusal_of(open_one, after_ms=UPLOAD_LIFE_MS - 1) is None
    assert refusal_of(open_one, after_ms=UPLOAD_LIFE_MS) is UploadExpired
    assert refusal_of(open_one, "another token") is TokenUnknown
    assert refusal_of(None) is TokenUnknown


def test_whoever_holds_the_token_is_told_what_it_has_become_and_nobody_else_is():
    used = upload_of(granted, stored)
    with pytest.raises(UploadUsed) as told:
        require_open(used, TOKEN, GRANTED_AT + 2 * UPLOAD_LIFE_MS)
    assert told.value.detail == {"field": "token", "storageId": SESSION, "sha256": DIGEST, "size": 10}
    assert refusal_of(used, "another token") is TokenUnknown


@given(st.text())
def test_no_text_but_the_token_opens(token: str):
    assert (refusal_of(upload_of(granted), token) is None) == (token == TOKEN)


@pytest.mark.parametrize("fields", [{"sha256": "AB" * 32}, {"size": -1}, {"content_type": ""}])
def test_a_strange_file_is_refused(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        StoreFile(**(store.model_dump() | fields))
