"""Which client it is: what it calls itself, and what it can take."""

import json
from itertools import pairwise
from typing import Any

import pytest

from ledger.api.sync import client as module
from ledger.api.sync.client import Client, is_sync
from ledger.api.sync.messages import Version


def scope(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "websocket", "scheme": "ws", "path": path, "headers": [(b"host", b"127.0.0.1:1"), *headers]}


@pytest.mark.parametrize("path", ["/api/sync", "/api/1.48.0/sync", "//api/1.48.0/sync"])
def test_its_path_is_known_with_a_version_without_and_with_a_slash_too_many(path: str):
    assert is_sync(scope(path))


@pytest.mark.parametrize("path", ["/api/1.48.0/sync/", "/api/a/b/sync", "/sync", "/api/sync2"])
def test_other_paths_are_for_others(path: str):
    assert not is_sync(scope(path))


@pytest.mark.parametrize(
    ("path", "takes"),
    [("/api/1.28.0/sync", True), ("/api/2.0/sync", True), ("/api/1.27.9/sync", False), ("/api/sync", False)],
)
def test_only_newer_javascript_takes_chunks(path: str, takes: bool):
    assert Client.of(scope(path)).takes_chunks is takes
    assert not Client.of(scope(path, (b"convex-client", b"python-0.8.1"))).takes_chunks


def test_urls_are_handed_out_on_the_origin_that_it_used():
    assert Client.of(scope("/api/sync")).origin == "http://127.0.0.1:1"


MODIFICATIONS = [f'{{"type":"QueryUpdated","queryId":{number},"value":"{"é" * 40}"}}' for number in range(5)]
ENDS = (Version(), Version(1, 0, 7))


def test_a_long_transition_comes_to_javascript_in_parts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK_CHARACTERS", 100)
    heard = [json.loads(text) for text in Client("", takes_chunks=True).transition_texts(*ENDS, MODIFICATIONS)]
    assert [part["partNumber"] for part in heard] == list(range(heard[0]["totalParts"]))
    assert {part["transitionId"] for part in heard} == {heard[0]["transitionId"]}
    whole = json.loads("".join(part["chunk"] for part in heard))
    assert whole["modifications"] == [json.loads(text) for text in MODIFICATIONS]


def test_a_long_transition_comes_to_others_as_several(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CHUNK_CHARACTERS", 100)
    monkeypatch.setattr(module, "FRAME_CHARACTERS_MAX", 200)
    heard = [json.loads(text) for text in Client("", takes_chunks=False).transition_texts(*ENDS, MODIFICATIONS)]
    assert [change["queryId"] for transition in heard for change in transition["modifications"]] == list(range(5))
    assert heard[0]["startVersion"]["querySet"] == 0
    for before, after in pairwise(heard):
        assert after["startVersion"] == before["endVersion"] == after["endVersion"]


def test_a_short_one_is_one_message():
    assert len(Client("", takes_chunks=True).transition_texts(*ENDS, MODIFICATIONS)) == 1
