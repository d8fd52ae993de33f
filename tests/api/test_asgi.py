"""The few lines of ASGI: headers and bodies as they come in."""

import asyncio
from typing import Any

import pytest

from ledger.api.asgi import BodyTooLargeError, CallerLeftError, body_of, header, is_repeated


def _body(messages: list[dict[str, Any]], length: str | None = None, bytes_max: int = 10) -> bytes:
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    scope = {"headers": [] if length is None else [(b"content-length", length.encode())]}
    return asyncio.run(body_of(scope, receive, bytes_max))


def _part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_put_together():
    assert _body([_part(b"")]) == b""
    assert _body([_part(b"0123456789")]) == b"0123456789"
    assert _body([_part(b"0", more=True), _part(b"", more=True), _part(b"1")]) == b"01"


@pytest.mark.parametrize(
    "messages",
    [
        [_part(b"x" * 11)],
        [_part(b"x" * 11, more=True)],
        [_part(b"x" * 6, more=True), _part(b"x" * 5)],
        [_part(b"x" * 6, more=True), _part(b"x" * 5, more=True)],
    ],
)
def test_a_body_over_the_limit_is_not_read_to_its_end(messages: list[dict[str, Any]]):
    with pytest.raises(BodyTooLargeError):
        _body(messages)


def test_the_first_of_a_header_counts_and_that_it_came_twice_is_known():
    scope = {"headers": [(b"host", b"a"), (b"accept", b"x"), (b"accept", b"y"), (b"host", b"b"), (b"origin", b"c")]}
    assert header(scope, b"host") == "a"
    assert [name for name in (b"host", b"accept", b"origin", b"cookie") if is_repeated(scope, name)] == [
        b"host",
        b"accept",
    ]
    assert not is_repeated({"headers": [(b"host", b"a"), (b"accept", b"x")]}, b"host")


def test_a_body_that_is_announced_over_the_limit_is_not_read_at_all():
    with pytest.raises(BodyTooLargeError):
        _body([], length="11")


@pytest.mark.parametrize("messages", [[], [_part(b'{"a":1}', more=True)]])
def test_a_body_that_ends_with_its_connection_is_none(messages: list[dict[str, Any]]):
    with pytest.raises(CallerLeftError):
        _body([*messages, {"type": "http.disconnect"}])


def test_a_header_is_the_first_of_its_name_in_utf8_or_else_latin1():
    scope = {"headers": [(b"a", "ü".encode()), (b"a", b"x"), (b"b", b"\xfc")]}
    assert (header(scope, b"a"), header(scope, b"b"), header(scope, b"c")) == ("ü", "ü", None)
