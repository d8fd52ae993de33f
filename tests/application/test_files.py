"""Files of a real ledger, without the web: what an upload is bound to, and what the machine's end in the middle of one leaves."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.application.files import FUNCTIONS, STORE, Files, find, url_on_pages
from ledger.application.functions import ORIGIN, Caller
from ledger.bootstrap import FILES_FOLDER, open_for_writing
from ledger.domain.files import UPLOAD_LIFE_MS, digest_of_token
from ledger.domain.keys import digest_of_key
from ledger.domain.refusals import (
    FileNotFound,
    FilesNotKept,
    Invalid,
    TokenUnknown,
    UploadExpired,
    UploadUsed,
    UrlRefused,
)
from ledger.domain.vocabulary import Vocabulary
from ledger.log.reading import read_entity
from ledger.storage.folder import FolderStore
from tests.application.asking import Asking

HELLO = b"hello"


def token_of(ask: Asking, name: str = "generate:generateUploadUrl") -> str:
    url: str = ask.write(name)
    assert url.startswith(f"{ORIGIN}/api/storage/upload?token=")
    return url.partition("token=")[2]


def bring(files: Files, token: str, content: bytes = HELLO) -> str:
    with files.receiving(token) as receiving:
        receiving.write(content)
        return receiving.finish("image/png", None)


def files_of(ask: Asking, folder: Path, clock_ms: int = 0) -> Files:
    """The ledger's files, as they will be after a while."""
    ledger = ask.ledger
    return Files(FolderStore(folder), ledger.log, ledger.write, lambda: clock_ms)


@pytest.mark.parametrize("name", [function.name for function in FUNCTIONS])
def test_every_noun_hands_out_the_same_upload(ask: Asking, tmp_path: Path, name: str):
    files = files_of(ask, tmp_path / "elsewhere")
    storage_id = bring(files, token_of(ask, name))
    file = files.find(storage_id)
    assert (file.sha256, file.size, file.content_type) == (sha256(HELLO).hexdigest(), 5, "image/png")
    assert b"".join(files.read(file, 1, 4)) == b"ell"


def test_the_log_keeps_no_token_and_who_asked_for_it_brought_the_file(embedded_ask: Asking):
    token = token_of(embedded_ask)
    storage_id = bring(embedded_ask.ledger.files, token)
    with embedded_ask.ledger.log.snapshot() as connection:
        entries = read_entity(connection, storage_id, "file")
    assert [entry.actor for entry in entries] == ["ann", "ann"]
    assert digest_of_token(token) in entries[0].body
    assert token not in "".join(entry.body for entry in entries)


def test_an_upload_begins_within_its_hour(embedded_ask: Asking, tmp_path: Path):
    token = token_of(embedded_ask)
    after_an_hour = files_of(embedded_ask, tmp_path, 2**50)
    with pytest.raises(UploadExpired, match="60 minutes"), after_an_hour.receiving(token):
        pass
    assert UPLOAD_LIFE_MS == 3_600_000


def test_an_upload_is_one(embedded_ask: Asking):
    files, token = embedded_ask.ledger.files, token_of(embedded_ask)
    with files.receiving(token) as first:
        with pytest.raises(UploadUsed, match="under way"), files.receiving(token):
            pass
        first.write(HELLO)
        storage_id = first.finish(None, None)
    with pytest.raises(UploadUsed, match=storage_id), files.receiving(token):
        pass


def test_a_token_is_one_uploads(embedded_ask: Asking):
    files, token = embedded_ask.ledger.files, token_of(embedded_ask)
    session_id = embedded_ask.start()
    for wrong in ("", "x", token[:-1], f"{session_id}.x", f"keys.{token}"):
        with pytest.raises(TokenUnknown), files.receiving(wrong):
            pass


def test_what_is_refused_leaves_no_file(embedded_ask: Asking, tmp_path: Path):
    files, token = embedded_ask.ledger.files, token_of(embedded_ask)
    with pytest.raises(Invalid, match="Digest"), files.receiving(token) as receiving:
        receiving.finish("image/png", "sha-256=")
    assert [path for path in (tmp_path / FILES_FOLDER).rglob("*") if path.is_file()] == []
    with pytest.raises(FileNotFound):
        files.find(token.partition(".")[0])


def test_bytes_that_were_kept_when_the_machine_stopped_go_if_their_fact_did_not_come(tmp_path: Path):
    """The store is where it would be if the process had been killed between the two: kept, marked, not recorded."""
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        bring(ledger.files, token_of(Asking(ledger)), b"recorded")
        store = FolderStore(tmp_path / FILES_FOLDER)
        for content in (b"recorded", b"not recorded"):
            incoming = store.receive()
            incoming.write(content)
            incoming.keep()
            incoming.discard()
        assert len(list(store.digests())) == 2
    with open_for_writing(tmp_path, Vocabulary()):
        assert list(store.digests()) == [sha256(b"recorded").hexdigest()]


def test_a_retry_under_its_key_is_given_the_same_url(embedded_ask: Asking):
    ann = Caller("ann", "once")
    first, again = (json.loads(embedded_ask.written("videos:generateUploadUrl", caller=ann).json) for _ in range(2))
    assert first == again
    assert first != json.loads(embedded_ask.written("generate:generateUploadUrl", caller=ann).json)


def test_a_ledger_without_a_place_for_files_says_so(embedded_ask: Asking):
    ledger = embedded_ask.ledger
    files = Files(None, ledger.log, ledger.write, lambda: 0)
    with pytest.raises(FilesNotKept, match="LEDGER_FILES"), files.receiving(token_of(embedded_ask)):
        pass


def test_a_temporary_url_is_good_for_its_time(embedded_ask: Asking, tmp_path: Path):
    url = files_of(embedded_ask, tmp_path, 1_000).temporary_url("f1", 500)
    assert url.startswith(f"{ORIGIN}/api/storage/f1?expires=1500&signature=")
    signature = url.partition("signature=")[2]
    files_of(embedded_ask, tmp_path, 1_499).require_signed("f1", "1500", signature)
    for storage_id, expires, shown in (
        ("f2", "1500", signature),
        ("f1", "1501", signature),
        ("f1", "", signature),
        ("f1", "1500", "ü"),
    ):
        with pytest.raises(UrlRefused, match="not this ledger's"):
            files_of(embedded_ask, tmp_path, 0).require_signed(storage_id, expires, shown)
    with pytest.raises(UrlRefused, match="expired"):
        files_of(embedded_ask, tmp_path, 1_500).require_signed("f1", "1500", signature)


def test_on_pages_a_file_has_one_url_which_is_signed_where_keys_are_asked_for(embedded_ask: Asking):
    log = embedded_ask.ledger.log
    assert url_on_pages(log, "f1") == f"{ORIGIN}/api/storage/f1"
    embedded_ask.write("ledger:addKey", name="page", sha256=digest_of_key("k"), scopes=["read"])
    url = url_on_pages(log, "f1")
    assert url == url_on_pages(log, "f1")
    embedded_ask.ledger.files.require_signed("f1", "", url.partition("?signature=")[2])


def test_only_the_door_of_files_records_one(embedded_ask: Asking):
    assert STORE not in FUNCTIONS
    with pytest.raises(FileNotFound) as told:
        find(embedded_ask.ledger.log, "f1", "fileId")
    assert told.value.detail["field"] == "fileId"
