from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.storage.store import CHUNK_BYTES, FileStore, StoreError
from tests.storage.stores import STORES, content_of, put

HELLO = b"hello"


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return STORES[request.param](tmp_path)


def test_what_came_in_pieces_is_kept_whole_under_its_digest(store: FileStore):
    incoming = store.receive()
    for piece in (b"hel", b"", b"lo"):
        incoming.write(piece)
    received = incoming.received()
    incoming.keep()
    incoming.settle()
    assert received == (sha256(HELLO).hexdigest(), 5)
    assert content_of(store, received.sha256) == HELLO
    assert list(store.digests()) == [received.sha256]


def test_a_file_may_be_empty(store: FileStore):
    assert content_of(store, put(store, b"")) == b""


def test_the_same_bytes_are_kept_once(store: FileStore):
    assert put(store, HELLO) == put(store, HELLO)
    assert len(list(store.digests())) == 1


def test_a_file_of_many_chunks_comes_back_as_it_went(store: FileStore):
    content = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"end"
    assert content_of(store, put(store, content)) == content


@given(start=st.integers(0, 40), length=st.integers(0, 40))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_part_can_be_read(store: FileStore, start: int, length: int):
    content = bytes(range(50))
    digest = put(store, content)
    end = min(start + length, len(content))
    assert b"".join(store.read(digest, start, end)) == content[start:end]


def test_what_was_given_up_leaves_nothing(store: FileStore):
    incoming = store.receive()
    incoming.write(HELLO)
    incoming.discard()
    assert list(store.digests()) == []
    assert store.sweep(lambda digest: False) == 0


def test_what_is_not_kept_cannot_be_read(store: FileStore):
    digest = sha256(HELLO).hexdigest()
    assert store.size_of(digest) is None
    with pytest.raises(StoreError):
        list(store.read(digest, 0, 5))


def test_bytes_that_no_fact_names_are_swept(store: FileStore):
    incoming = store.receive()
    incoming.write(HELLO)
    digest = incoming.received().sha256
    incoming.keep()
    incoming.discard()  # the fact was refused; as far as the store knows, the machine might as well have stopped here
    assert store.sweep(lambda asked: asked != digest) == 1
    assert list(store.digests()) == []
    assert store.sweep(lambda asked: False) == 0


def test_bytes_that_a_fact_names_stay_when_another_upload_of_them_was_interrupted(store: FileStore):
    digest = put(store, HELLO)
    again = store.receive()
    again.write(HELLO)
    again.keep()
    again.discard()
    assert store.sweep(lambda asked: asked == digest) == 1
    assert content_of(store, digest) == HELLO


def test_while_others_may_be_recording_no_bytes_are_swept(store: FileStore):
    incoming = store.receive()
    incoming.write(HELLO)
    digest = incoming.received().sha256
    incoming.keep()
    incoming.discard()
    store.sweep(None)
    assert content_of(store, digest) == HELLO
