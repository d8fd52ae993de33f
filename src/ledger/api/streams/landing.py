"""Who follows a session is woken when something of that session has landed, and by nothing else."""

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from ledger.log.eventlog import EventLog

GATHER_SECONDS: Final = 0.02
"""It is looked what has landed so long after the first of it: a burst is one look."""
ENTRIES_LOOKED_AT_MAX: Final = 5_000
"""Where more have landed at once, everybody is woken rather than told apart."""


class Follower(Protocol):
    def wake(self) -> None:
        """Something of what it follows may have landed. Called on the event loop."""


class Landing:
    """Looks what has landed, whichever process has appended it, once for all who follow."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._followers: dict[str, set[Follower]] = {}
        self._looked_up_to: list[int] = []
        """Positions of the shards up to which followers were woken; none while nobody follows."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_waking = False
        self._looking: asyncio.Task[None] | None = None
        self._one_look = asyncio.Lock()

    async def follow(self, partition: str, follower: Follower) -> None:
        """From the return of this call on it is woken."""
        self._listen()
        assert self._loop is not None
        if not self._followers:
            heads = await self._loop.run_in_executor(None, self._log.heads)
            if not self._followers:  # nobody else has come meanwhile, who would miss what landed in between
                self._looked_up_to = heads
        self._followers.setdefault(partition, set()).add(follower)

    def leave(self, partition: str, follower: Follower) -> None:
        followers = self._followers.get(partition, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(partition, None)

    def _listen(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._log.on_append(self._appended)

    def _appended(self) -> None:
        """Something has landed. On any thread."""
        if self._followers and not self._is_waking:
            self._is_waking = True
            assert self._loop is not None
            with suppress(RuntimeError):  # the loop has closed: nobody follows any longer
                self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_SECONDS, self._look)

    def _look(self) -> None:
        assert self._loop is not None
        self._looking = self._loop.create_task(self._wake())

    async def _wake(self) -> None:
        assert self._loop is not None
        self._is_waking = False
        try:
            async with self._one_look:
                landed = await self._loop.run_in_executor(None, self._landed)
        except Exception:  # noqa: BLE001  # the database has gone: each who follows hears of it as it reads
            landed = None
        for partition, followers in list(self._followers.items()):
            if landed is None or partition in landed:
                for follower in followers:
                    follower.wake()

    def _landed(self) -> set[str] | None:
        """The partitions of which something has landed since it was last looked; None where that is too much to say."""
        before, self._looked_up_to = self._looked_up_to, self._log.heads()
        came = [head - seen for seen, head in zip(before, self._looked_up_to, strict=True)]
        if sum(came) > ENTRIES_LOOKED_AT_MAX:
            return None
        found = [
            entry.partition
            for shard, count in enumerate(came)
            if count
            for entry in self._log.read(shard, before[shard], count)
        ]
        return (
            set(found) if len(found) == sum(came) else None
        )  # what stands behind one that nobody can read is not read
