"""uvicorn's WebSocket, whose readers take what they are sent or are let go."""

import logging
from typing import ClassVar, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ledger.settings import Limits

LET_GO: Final = 1013
"""Try again later: the protocol's clients come back by themselves."""
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
            if self.close_sent or self.transport.is_closing():
                self.transport.abort()
            else:
                self._let_go()
                self._unsent_since = now
        self._unsent = unsent

    def _let_go(self) -> None:
        """If it takes the rest after all, it finds at the end of that why there is no more."""
        why = f"nothing of what was sent was taken for {self.limits.request_seconds_max:g} seconds"
        _logger.warning("a WebSocket client is let go: %s", why)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": LET_GO, "reason": why})
        self.conn.send_close(LET_GO, why)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()


def websocket_within(limits: Limits) -> type[WebSocket]:
    """The WebSocket protocol of a server with these limits: uvicorn makes one of it for each connection."""
    return type("WebSocketWithinLimits", (WebSocket,), {"limits": limits})
