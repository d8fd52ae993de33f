"""uvicorn's WebSocket, whose readers take what they are sent or are let go."""

import logging
from typing import ClassVar, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ledger.settings import Limits

PING_SECONDS: Final = 20.0
"""How often a peer is asked whether it is still there, and how long its answer may take."""

_logger = logging.getLogger(__name__)


class WebSocket(WebSocketsSansIOProtocol):
    """What is not taken stays with its sender, who sends no more until it is: here, only a reader that takes nothing is ended."""

    limits: ClassVar[Limits] = Limits()

    _unsent = 0
    _unsent_since = 0.0

    def end_if_stuck(self, now: float) -> None:
        """End the connection where nothing of what waits to be sent was taken for too long. Called every second."""
        unsent = self.transport.get_write_buffer_size()
        if not self._unsent or unsent < self._unsent:
            self._unsent_since = now
        elif now - self._unsent_since > self.limits.request_seconds_max:
            _logger.warning("a WebSocket client took nothing for %s seconds: let go", self.limits.request_seconds_max)
            self.transport.abort()
        self._unsent = unsent


def websocket_within(limits: Limits) -> type[WebSocket]:
    """The WebSocket protocol of a server with these limits: uvicorn makes one of it for each connection."""
    return type("WebSocketWithinLimits", (WebSocket,), {"limits": limits})
