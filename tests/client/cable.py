"""A network cable between a writer and its ledger that can be pulled out and put in again, or lets nothing through one way."""

import contextlib
import socket
from threading import Lock, Thread
from typing import Final, Literal

State = Literal["whole", "pulled", "deaf"]
"""A deaf one carries what is asked, and loses what is answered."""
_CHUNK: Final = 65_536


class Cable:
    """Listens on a port of this machine and carries every connection to another, which may change its own."""

    def __init__(self, port: int) -> None:
        self.leads_to = port
        self.state: State = "whole"
        self._lock = Lock()
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def become(self, state: State) -> None:
        """Change what the cable lets through; whatever is connected is cut off."""
        self.state = state
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _close(end)

    def close(self) -> None:
        _close(self._listening)
        self.become("pulled")

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self.state == "pulled":
                _close(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.leads_to), timeout=60)
            except OSError:
                _close(near)
                continue
            far.settimeout(None)  # an answer may take its time
            with self._lock:
                self._ends |= {near, far}
            Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answering: bool) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(_CHUNK):
                if answering and self.state == "deaf":
                    break
                target.sendall(content)
        _close(source)
        _close(target)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
