import asyncio
from typing import Any

import pytest

from ledger.api.streams.sending import Stream, event
from ledger.domain.refusals import Invalid


def test_an_event_is_one_whatever_its_json_holds():
    assert event("entry", '{"a":\n1,\r"b":"\u2028"}', "7") == 'id: 7\nevent: entry\ndata: {"a": 1, "b":"\u2028"}\n\n'


def ended(failure: Exception | None, *, after_something: bool) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def run() -> None:
        stream = Stream(receive, send)
        if after_something:
            await stream.send(event("entry", "{}"))
        await stream.end(failure)

    asyncio.run(run())
    return sent


def test_a_failure_has_a_status_until_something_was_sent():
    with pytest.raises(Invalid):
        ended(Invalid("a", "b"), after_something=False)
    sent = ended(Invalid("a", "b"), after_something=True)
    assert b'event: problem\ndata: {"code": "invalid"' in sent[-2]["body"]
    assert not sent[-1].get("more_body")


def test_whoever_is_there_is_told_goodbye():
    assert b"event: goodbye" in ended(None, after_something=False)[-2]["body"]
