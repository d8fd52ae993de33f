"""One client's connection: what it sends is taken up in order, and what it is told leaves by one task, responses first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from ledger.api.carrier import Carrier
from ledger.api.sync import messages
from ledger.api.sync.client import Client
from ledger.api.sync.messages import (
    Authenticate,
    CallAction,
    CallMutation,
    Connect,
    Message,
    MessageError,
    ModifyQuerySet,
    parse,
)
from ledger.api.sync.requests import Requests
from ledger.api.sync.watching import Watching
from ledger.application.functions import Caller
from ledger.application.ledger import WAIT_SECONDS_MAX
from ledger.application.live.registry import Registry
from ledger.application.live.rounds import Rounds
from ledger.application.live.timestamps import Timestamps, decoded_timestamp
from ledger.domain.keys import AccessKey
from ledger.domain.refusals import Refusal

QUIET_SECONDS_MAX: Final = 15
"""After so long without a message a Ping goes out: Python's client gives a silent line up after 30 seconds."""

SendText = Callable[[str], Awaitable[None]]
Identify = Callable[[str | None], AccessKey | None]


class Live(NamedTuple):
    """What all connections of one server share."""

    carrier: Carrier
    registry: Registry
    rounds: Rounds
    timestamps: Timestamps
    identify: Identify
    """The key that a token is, None where none is needed. Raises a Refusal."""
    queries_max: int


class Closing(NamedTuple):
    """How a connection is ended."""

    code: int
    reason: str


class Connection:
    """A Watcher of live queries, told on the event loop."""

    def __init__(self, live: Live, client: Client, send: SendText, token: str | None) -> None:
        self._live = live
        self._client = client
        self._send = send
        self._token = token
        self._woken = asyncio.Event()
        self._closing: Closing | None = None
        self._last_words: list[str] = []
        self._is_connected = False
        self._wanted: list[tuple[int, int]] | None = None
        """What the client may have seen on another connection: nothing is shown before that is."""
        self._floor = 0
        """The latest timestamp that the client has seen, on this connection or another."""
        self._sent_at = asyncio.get_running_loop().time()
        self._clock_skew: int | None = None
        self._watching = Watching(
            live.carrier.ledger, live.registry, self, queries_max=live.queries_max, origin=client.origin
        )
        self._requests = Requests(live.carrier, live.registry, live.timestamps, self._caller, self._woken.set)

    # A watcher is told of these.

    def moved(self) -> None:
        self._woken.set()

    def keys_changed(self) -> None:
        try:
            self._caller()
        except Refusal as refusal:
            if self._token is not None:
                self._end_unauthorized(refusal, was_attempt=False)
                return
        self._watching.look_again(self._caller)
        self._live.rounds.wake()
        self._woken.set()

    # What comes in.

    async def take(self, text: str) -> None:
        """Take up a message. What is no message of the protocol ends the connection for good."""
        try:
            await self._take(parse(text))
        except MessageError as error:
            self.end(1008, "ProtocolError", messages.fatal_error(str(error)))

    def end(self, code: int, reason: str, *last_words: str) -> None:
        """Close the connection, once what is due was sent."""
        if self._closing is None:
            self._closing = Closing(code, reason)
            self._last_words += last_words
            self._woken.set()

    def close(self) -> None:
        """It is over: nobody watches, and nobody waits for an answer."""
        self._live.registry.leave(self)
        self._watching.close()
        self._requests.close()

    def keep_alive(self, now: float) -> None:
        """Called every second: a line that was quiet for long is given a sign."""
        if self._token is not None:
            try:
                self._caller()
            except Refusal as refusal:  # it has run out
                self._end_unauthorized(refusal, was_attempt=False)
        if now - self._sent_at >= QUIET_SECONDS_MAX:
            self._requests.responses.append(messages.PING)
            self._woken.set()

    async def _take(self, message: Message) -> None:
        if isinstance(message, Connect):
            await self._connect(message)
            return
        if not self._is_connected:
            raise MessageError(f"Connect comes first, not {type(message).__name__}")
        match message:
            case ModifyQuerySet():
                if self._watching.modify(message, self._caller):
                    self._live.rounds.wake()
                self._woken.set()
            case CallMutation():
                await self._requests.mutate(message)
            case CallAction():
                self._requests.act(message)
            case Authenticate():
                self._authenticate(message)
            case _:
                pass

    async def _connect(self, message: Connect) -> None:
        if self._is_connected:
            raise MessageError("Connect comes once")
        self._is_connected = True
        self._requests.session_id = message.session_id
        if message.client_ts:
            self._clock_skew = int(message.client_ts - self._live.timestamps.next() // 1_000_000)
        self._live.registry.join(self)
        if message.max_observed_timestamp is not None:
            observed = decoded_timestamp(message.max_observed_timestamp)
            if observed is None:
                raise MessageError("maxObservedTimestamp: is no timestamp of the client protocol")
            await self._catch_up(observed)

    async def _catch_up(self, observed: int) -> None:
        """Wait until what the client has seen elsewhere is shown here as well, or else have it come back in a moment."""
        seconds = self._live.timestamps.seconds_behind(observed)
        if seconds > WAIT_SECONDS_MAX:
            self.end(1011, "InternalServerError: this server's clock is behind what the client has seen")
            return
        await asyncio.sleep(seconds)
        self._floor = observed
        heads = await asyncio.get_running_loop().run_in_executor(None, self._live.carrier.ledger.log.heads)
        self._wanted = list(enumerate(heads))
        self._wait_for(True)
        asyncio.get_running_loop().call_later(WAIT_SECONDS_MAX, self._give_up)

    def _give_up(self) -> None:
        if self._wanted is not None:
            self.end(1011, "InternalServerError: the views are behind what the client has seen")

    # Who it is.

    def _caller(self) -> Caller:
        """Raises what the token is refused with."""
        access = self._live.identify(self._token)
        return Caller(access.name if access else Caller().actor, None, access, self._client.origin)

    def _authenticate(self, message: Authenticate) -> None:
        if message.base_version != self._watching.identity:
            raise MessageError(
                f"baseVersion: the identity is at {self._watching.identity}, not at {message.base_version}"
            )
        self._token = message.value if message.token_type in ("User", "Admin") else None
        try:
            self._caller()
        except Refusal as refusal:
            if self._token is not None:
                self._end_unauthorized(refusal, was_attempt=True)
                return
        self._watching.identity += 1
        self._watching.look_again(self._caller)
        self._live.rounds.wake()
        self._woken.set()

    def _end_unauthorized(self, refusal: Refusal, *, was_attempt: bool) -> None:
        error = messages.auth_error(refusal.message, self._watching.identity, was_attempt=was_attempt)
        self.end(1008, "AuthError", error)

    # What goes out.

    async def pump(self) -> Closing:
        """Send what is due for as long as the connection lasts."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            texts = self._due()
            for text in texts:
                await self._send(text)
            if texts:
                self._sent_at = asyncio.get_running_loop().time()
            if self._closing is not None:
                for text in self._last_words:
                    await self._send(text)
                return self._closing

    def _due(self) -> list[str]:
        texts, self._requests.responses = self._requests.responses, []
        if self._closing is None and self._may_be_shown():
            texts += self._transition()
        return texts

    def _may_be_shown(self) -> bool:
        """Whether the registry's state may be shown: it has what the client saw elsewhere, and no write not yet answered."""
        registry = self._live.registry
        if self._wanted is not None:
            if not all(registry.shows(*place) for place in self._wanted):
                return False
            self._wanted = None
        before = self._requests.round_before
        return before is None or before == registry.rounds

    def _transition(self) -> list[str]:
        requests, registry = self._requests, self._live.registry
        shown = [write for write in requests.written if registry.shows(write.shard, write.position)]
        hidden = [write for write in requests.written if not registry.shows(write.shard, write.position)]
        timestamp = max(self._floor, registry.timestamp, *(write.timestamp for write in shown))
        if hidden:
            timestamp = min(timestamp, min(write.timestamp for write in hidden) - 1)
        change = self._watching.change(timestamp, is_owed=bool(shown) or requests.is_owed)
        if change is None:
            self._wait_for(bool(requests.written))
            return []
        requests.written, requests.is_owed = hidden, False
        self._wait_for(bool(hidden))
        skew = f',"clientClockSkew":{self._clock_skew}' if self._clock_skew is not None else ""
        self._clock_skew = None
        return self._client.transition_texts(change.start, change.end, change.modifications, skew)

    def _wait_for(self, has_hidden: bool) -> None:
        registry = self._live.registry
        if not (has_hidden or self._wanted is not None):
            registry.has_seen(self)
        elif registry.await_place(self):
            self._live.rounds.wake()
