"""Whatever stands in a row, it is an event or it is unreadable, and its outline says nothing that the event does not."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Event
from ledger.log.codec import UnreadableEventError, decode, encode
from ledger.log.outline import decode_outline, entity_of
from tests.mutations import STRANGE_TOKENS, mutated, tokens

SAMPLES: Final = [(path.stem, path.read_bytes()) for path in sorted((Path(__file__).parent / "samples").glob("*.json"))]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def read(reader: Callable[[str, str], Event], stored_name: str, body: str) -> Event | None:
    """The event, None where it is unreadable; anything else that is raised fails the test."""
    try:
        return reader(stored_name, body)
    except UnreadableEventError:
        return None


damaged = st.sampled_from(SAMPLES).flatmap(lambda named: st.tuples(st.just(named[0]), mutated(named[1]).map(_text)))
anything = st.tuples(
    st.sampled_from(sorted(BY_STORED_NAME)) | st.text(max_size=10), st.text(max_size=30) | tokens.map(_text)
)


def _is_read_or_not(stored: tuple[str, str]) -> None:
    event, outline = read(decode, *stored), read(decode_outline, *stored)
    if event is not None and outline is not None:
        for name in type(event).model_fields:
            with suppress(UnreadableEventError):  # what is looked into later is found unreadable later
                assert repr(getattr(outline, name)) == repr(getattr(event, name))
    try:
        entity = entity_of(*stored, sequence=7)
    except UnreadableEventError:
        entity = None
    assert event is None or entity is None or entity == event.entity(7)
    # No encoder of ours writes what is not finite: only a row that was tampered with can hold it, deep in open-ended JSON.
    if event is not None and not re.search(r"\b(inf|nan)\b", repr(event)):
        assert decode(event.stored_as, encode(event)) == event, "what was read can be written down again"


@settings(max_examples=200)
@given(damaged | anything)
def test_a_body_is_an_event_or_unreadable(stored: tuple[str, str]):
    _is_read_or_not(stored)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=20_000)
@given(damaged | anything)
def test_any_body_is_an_event_or_unreadable(stored: tuple[str, str]):
    _is_read_or_not(stored)


@pytest.mark.parametrize("token", range(len(STRANGE_TOKENS)))
@pytest.mark.parametrize("field", ["timestampMs", "eventType", "score", "metadata"])
def test_every_strange_value_in_every_kind_of_field(field: str, token: int):
    fields = {"timestampMs": b"1", "eventType": b'"cut"', field: STRANGE_TOKENS[token]}
    body = b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items())
    _is_read_or_not(("director-event-recorded.1", _text(body)))
