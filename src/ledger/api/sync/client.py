"""Which client it is, and what it can take: each says so in its own way."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from starlette.types import Scope

from ledger.api.asgi import header
from ledger.api.callers import origin_of
from ledger.api.sync.messages import Version, chunks, transition
from ledger.application.live.timestamps import encoded_timestamp

_PATH: Final = re.compile(r"/+api/(?:(?P<version>[^/]+)/)?sync")
"""A slash at the end of the URL that a client was given makes two of the one at the beginning."""
_CHUNKS_SINCE: Final = (1, 28)
CHUNK_CHARACTERS: Final = 4 * 1024 * 1024
"""JavaScript's client takes longer transitions in parts of this size, so that others of its messages are not held up."""
FRAME_CHARACTERS_MAX: Final = 15 * 1024 * 1024
"""Python's client gives a connection up over a frame of 16 MiB; what is longer comes as several transitions."""


def is_sync(scope: Scope) -> bool:
    """Whether a request is for this door."""
    return scope["type"] == "websocket" and _PATH.fullmatch(scope["path"]) is not None


class Client(NamedTuple):
    """A client and where it reaches this server."""

    origin: str
    takes_chunks: bool

    @classmethod
    def of(cls, scope: Scope) -> "Client":
        found = _PATH.fullmatch(scope["path"])
        version = found["version"] if found else None
        numbers = tuple(int(number) for number in re.findall(r"\d+", version or "")[:2])
        origin = re.sub("^ws", "http", origin_of(scope))
        return cls(origin, header(scope, b"convex-client") is None and numbers >= _CHUNKS_SINCE)

    def transition_texts(
        self, start: Version, end: Version, modifications: Sequence[str], extras: str = ""
    ) -> list[str]:
        """A transition as it is sent to this client: mostly one message."""
        if sum(map(len, modifications)) <= CHUNK_CHARACTERS:
            return [transition(start, end, modifications, extras)]
        if self.takes_chunks:
            return chunks(
                transition(start, end, modifications, extras), CHUNK_CHARACTERS, encoded_timestamp(end.timestamp)
            )
        texts: list[str] = []
        part: list[str] = []
        length = 0
        for modification in modifications:
            if part and length + len(modification) > FRAME_CHARACTERS_MAX:
                texts.append(transition(start, end, part, extras))
                start, part, length, extras = end, [], 0, ""
            part.append(modification)
            length += len(modification)
        return [*texts, transition(start, end, part, extras)]
