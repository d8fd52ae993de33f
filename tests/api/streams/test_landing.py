"""Followers of sessions, on a real log, whoever appends to it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from ledger.api.streams import landing
from ledger.api.streams.landing import Landing
from tests.application.asking import Asking
from tests.application.conftest import ask, embedded_ask
from tests.application.test_parked import parking, sessions

__all__ = ["ask", "embedded_ask", "parking", "sessions"]

SECONDS_MAX = 60


class Following:
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.times = 0

    def wake(self) -> None:
        self.times += 1
        self.woken.set()

    async def until_woken(self) -> None:
        await asyncio.wait_for(self.woken.wait(), SECONDS_MAX)
        self.woken.clear()


async def written(write: Callable[[], object]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, write)


def following(ask: Asking, use: Callable[[Landing, list[str], list[Following]], Awaitable[None]]) -> None:
    """Two sessions, each with somebody who follows it."""

    async def run() -> None:
        landing = Landing(ask.ledger.log)
        sessions, followers = [ask.start(), ask.start()], [Following(), Following()]
        for session, follower in zip(sessions, followers, strict=True):
            await landing.follow(session, follower)
        await use(landing, sessions, followers)

    asyncio.run(run())


def test_nobody_is_woken_by_another_session(ask: Asking):
    async def use(_: Landing, sessions: list[str], followers: list[Following]) -> None:
        for at in range(3):
            await written(partial(ask.cut, sessions[1], at))
            await followers[1].until_woken()
        assert followers[0].times == 0
        await written(lambda: ask.cut(sessions[0], 1))
        await followers[0].until_woken()

    following(ask, use)


def test_a_hint_that_nothing_has_followed_wakes_nobody(ask: Asking):
    async def use(_: Landing, sessions: list[str], followers: list[Following]) -> None:
        await written(ask.ledger.log.wake)
        await written(lambda: ask.cut(sessions[1], 1))
        await followers[1].until_woken()
        assert followers[0].times == 0

    following(ask, use)


def test_whoever_has_left_is_woken_no_more(ask: Asking):
    async def use(landing: Landing, sessions: list[str], followers: list[Following]) -> None:
        landing.leave(sessions[0], followers[0])
        await written(lambda: ask.cut(sessions[0], 1))
        await written(lambda: ask.cut(sessions[1], 1))
        await followers[1].until_woken()
        assert followers[0].times == 0

    following(ask, use)


def test_where_much_has_landed_at_once_everybody_looks(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(landing, "ENTRIES_LOOKED_AT_MAX", 0)

    async def use(_: Landing, sessions: list[str], followers: list[Following]) -> None:
        await written(lambda: ask.cut(sessions[0], 1))
        for follower in followers:
            await follower.until_woken()

    following(ask, use)


def test_behind_an_event_that_nobody_can_read_everybody_is_woken(parking: Asking):
    landing = Landing(parking.ledger.log)
    landing._looked_up_to = [4]
    assert landing._landed() == {parking.ledger.log.place_at(0, 5)[0]}
    landing._looked_up_to = [1]  # the third cannot be read, nor what stands behind it
    assert landing._landed() is None
