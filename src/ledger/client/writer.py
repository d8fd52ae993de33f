"""The writer that external programs use, in two manners: ``Writer`` for those that wait, ``AsyncWriter`` for those that await."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypedDict, TypeVar, Unpack

from ledger.client.calls import Calls
from ledger.client.contents import Aside
from ledger.client.failures import NotAcknowledgedError, SpoolDeviceError, WriterClosedError
from ledger.client.functions import BEGINS, Call, call_of, id_begun
from ledger.client.hearing import Hearing, tell
from ledger.client.line import open_line
from ledger.client.references import check_references, number_of, reference
from ledger.client.sender import LINGER_SECONDS, RETRY_SECONDS_MAX, Sender
from ledger.client.spool import LIMIT_BYTES, Spool, Waiting
from ledger.domain.devices import delivery_key

CLOSE_SECONDS: Final = 5.0
Answered = TypeVar("Answered")


class Options(TypedDict, total=False):
    """How a writer may be set up beside its ledger and its spool."""

    device: str | None
    """The name under which its facts are numbered; the spool folder's own name where there is none."""
    actor: str | None
    """Who writes. With a key that is the key's name; where it is told here too, a session's Id is known at once."""
    limit_bytes: int
    """How much the facts that wait may take."""
    droppable: Sequence[str]
    """What a full spool may drop, worth least first: types of director events, or functions such as ``appendMusicMoment``."""
    linger_seconds: float
    """How long the first fact of a batch waits for more."""
    retry_seconds_max: float
    """The longest pause before another attempt."""
    hearing: Hearing
    """Who is told of what becomes of facts."""
    clock: Callable[[], float]
    """The device's clock, milliseconds since the epoch."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Desk:
    """What both manners share: a spool, and the sender that empties it."""

    def __init__(self, url: str, key: str | None, spool: Path | str, **options: Unpack[Options]) -> None:
        folder = Path(spool)
        device = options.get("device") or _device_of(folder)
        # Without a key the device says itself who writes; a key says it, and no header may say anything else.
        self._actor = options.get("actor") or (None if key else device)
        self._hearing = options.get("hearing", Hearing())
        self._clock = options.get("clock", _now_ms)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if self._actor is not None:
            headers["Ledger-Actor"] = self._actor
        line = open_line(url, headers)
        self.spool = Spool(
            folder,
            device,
            limit_bytes=options.get("limit_bytes", LIMIT_BYTES),
            droppable=options.get("droppable", ()),
            on_recorded=self._wake,
            on_dropped=self._tell_dropped,
        )
        self.sender = Sender(
            self.spool,
            line,
            hearing=self._hearing,
            linger_seconds=options.get("linger_seconds", LINGER_SECONDS),
            retry_seconds_max=options.get("retry_seconds_max", RETRY_SECONDS_MAX),
        )
        self.sender.start()

    def _tell_dropped(self, numbers: Sequence[int]) -> None:
        tell(self._hearing.dropped, numbers)

    def _wake(self) -> None:
        self.sender.wake()

    def call_of(self, function: str, arguments: Mapping[str, Any]) -> Call:
        check_references(arguments, self.spool.name, self.spool.last)
        return call_of(function, arguments, self._clock)

    def name_of(self, call: Call, number: int) -> str:
        """What the fact is called from now on."""
        if self._actor is not None and call.function in BEGINS:
            return id_begun(
                call.function, self._actor, delivery_key(self.spool.device, self.spool.name, number, number)
            )
        return reference(self.spool.name, number)

    def id_of(self, named: str, timeout: float | None) -> str:
        number = number_of(named)
        if number is None:
            return named
        outbox = self.sender.outbox
        if not self.sender.wait_until(lambda: outbox.where_is(number) != "pending", timeout):
            raise NotAcknowledgedError(f"{named} is still on its way")
        found = outbox.id_of(number)
        if found is None:
            raise NotAcknowledgedError(f"{named} has no Id: it is {outbox.where_is(number)}")
        return found

    def flush(self, timeout: float | None) -> bool:
        return self.sender.wait_until(lambda: self.spool.pending == 0, timeout)

    def close(self, timeout: float) -> None:
        if not self.spool.is_closed:
            self.flush(timeout)
            self.sender.stop(timeout)
            self.spool.close()


def _device_of(folder: Path) -> str:
    """The spool folder's name, as far as a device may be called so."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).lstrip(".-_")[:64]
    if not name:
        raise SpoolDeviceError(f"{folder} gives no name for the device; say device=…")
    return name


class Writer(Calls[str]):
    """Records facts: a call returns once its fact is safe in the spool, and the ledger gets it as soon as it can be reached.

    Threads may share it; what they record at the same time is made safe by one sync.
    """

    def __init__(self, url: str, key: str | None = None, *, spool: Path | str, **options: Unpack[Options]) -> None:
        """Opens the spool in a folder, made where there is none, and goes on with what it holds. Raises SpoolError."""
        self._desk = _Desk(url, key, spool, **options)

    def call(self, function: str, arguments: Mapping[str, Any]) -> str:
        """Record a call by its name in the contract, its arguments as JSON has them. Raises Invalid or SpoolError."""
        stated = self._desk.call_of(function, arguments)
        return self._desk.name_of(stated, self._desk.spool.append([stated]))

    def id_of(self, named: str, timeout: float | None = None) -> str:
        """The Id that the ledger gave to what a call answered; waits for it. Raises NotAcknowledgedError if it does not come."""
        return self._desk.id_of(named, timeout)

    @property
    def recorded(self) -> int:
        """The number of the newest fact in the spool: how many it ever recorded, in all its lives. A script goes on from there."""
        return self._desk.spool.last

    def reference(self, number: int) -> str:
        """What the fact with a number is called: for programs that go on after a crash."""
        return reference(self._desk.spool.name, number)

    @property
    def pending(self) -> int:
        """How many facts the ledger has not taken yet."""
        return self._desk.spool.pending

    @property
    def trouble(self) -> str | None:
        """Why facts cannot be sent at present, if so."""
        return self._desk.sender.trouble

    def aside(self) -> list[Aside]:
        """What the ledger has refused, each with its error."""
        return self._desk.sender.outbox.aside()

    def retry(self, numbers: Sequence[int] | None = None) -> int:
        """Send what was set aside, or some of it, once more; how many that is. Raises SpoolError."""
        return self._desk.sender.outbox.retry(numbers)

    def discard(self, numbers: Sequence[int] | None = None) -> int:
        """Give up what was set aside, or some of it, for good; how many that is. Raises SpoolError."""
        return self._desk.sender.outbox.discard(numbers)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until nothing is pending; whether that came true in time."""
        return self._desk.flush(timeout)

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Send what can be sent in time, and let go of the spool; what is left in it goes out the next time."""
        self._desk.close(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncWriter(Calls[Awaitable[str]]):
    """The same for asyncio: a call, awaited, has its fact safe in the spool; calls that are awaited together share one sync."""

    def __init__(self, url: str, key: str | None = None, *, spool: Path | str, **options: Unpack[Options]) -> None:
        """As a Writer's. It blocks for a moment: the spool is opened."""
        self._desk = _Desk(url, key, spool, **options)
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting = ThreadPoolExecutor(thread_name_prefix="waiting")

    def call(self, function: str, arguments: Mapping[str, Any]) -> Awaitable[str]:
        """As a Writer's. The fact takes its place in order when this is called, not when it is awaited."""
        stated = self._desk.call_of(function, arguments)
        loop = asyncio.get_running_loop()
        safe: asyncio.Future[str] = loop.create_future()

        def settle(waiting: Waiting) -> None:
            if safe.done():
                return
            if waiting.failure is not None:
                safe.set_exception(waiting.failure)
            else:
                safe.set_result(self._desk.name_of(stated, waiting.first))

        def deliver(waiting: Waiting) -> None:
            with suppress(RuntimeError):  # the loop has closed: nobody waits any longer
                loop.call_soon_threadsafe(settle, waiting)

        self._desk.spool.enqueue(Waiting([stated], deliver))
        try:
            self._syncing.submit(self._desk.spool.commit)
        except RuntimeError as error:
            raise WriterClosedError("the writer was closed; nothing was recorded") from error
        return safe

    async def id_of(self, named: str, timeout: float | None = None) -> str:  # noqa: ASYNC109  # the sender's thread keeps the time
        """As a Writer's."""
        return await self._elsewhere(self._desk.id_of, named, timeout)

    @property
    def recorded(self) -> int:
        """As a Writer's."""
        return self._desk.spool.last

    def reference(self, number: int) -> str:
        """As a Writer's."""
        return reference(self._desk.spool.name, number)

    @property
    def pending(self) -> int:
        """As a Writer's."""
        return self._desk.spool.pending

    @property
    def trouble(self) -> str | None:
        """As a Writer's."""
        return self._desk.sender.trouble

    async def aside(self) -> list[Aside]:
        """As a Writer's."""
        return await self._elsewhere(self._desk.sender.outbox.aside)

    async def retry(self, numbers: Sequence[int] | None = None) -> int:
        """As a Writer's."""
        return await self._elsewhere(self._desk.sender.outbox.retry, numbers)

    async def discard(self, numbers: Sequence[int] | None = None) -> int:
        """As a Writer's."""
        return await self._elsewhere(self._desk.sender.outbox.discard, numbers)

    async def flush(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109  # as above
        """As a Writer's."""
        return await self._elsewhere(self._desk.flush, timeout)

    async def close(self, timeout: float = CLOSE_SECONDS) -> None:  # noqa: ASYNC109  # as above
        """As a Writer's."""
        await self._elsewhere(self._syncing.shutdown)
        await self._elsewhere(self._desk.close, timeout)
        self._waiting.shutdown()

    async def _elsewhere(self, work: Callable[..., Answered], *arguments: Any) -> Answered:
        """What blocks is done on a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._waiting, work, *arguments)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
