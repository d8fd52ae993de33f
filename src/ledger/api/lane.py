"""The express lane: how a plain mutation is carried out straight from its connection, without a task and ASGI's messages.

Only the way is shorter. Guard, check of keys and door judge by the same methods on either way; what one of them objects to, and
whatever is unusual, goes the long way, and hears there what is wrong with it.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import Scope

from ledger.api.asgi import Reply, header
from ledger.api.contract import ContractDoor
from ledger.api.guard import Guard
from ledger.api.keys import KeyCheck

LANE_BYTES_MAX: Final = 64 * 1024
"""A longer body goes the long way, which knows when to stop reading."""


class ExpressLane:
    def __init__(self, guard: Guard, keys: KeyCheck, contract: ContractDoor, body_bytes_max: int) -> None:
        self._guard = guard
        self._keys = keys
        self._contract = contract
        self.bytes_max = min(LANE_BYTES_MAX, body_bytes_max)
        self.paths = {path.encode(): path for path in contract.mutation_paths()}
        """Where it leads to, as a request's line has it."""

    def take(self, scope: Scope, body: bytes, answer: Callable[[Reply], None]) -> bool:
        """Whether a POST to one of ``paths`` is under way; ``answer`` is then called on the event loop when it is over.

        Where it is not, nothing of it was begun.
        """
        if header(scope, b"origin") is not None:  # a browser's page needs other headers in its answer
            return False
        try:
            if self._guard.objection(scope):
                return False
            self._keys.check(scope)
            self._contract.begin(scope, body, answer)
        except Exception:  # noqa: BLE001  # the long way fails in the same way, and says so
            return False
        return True
