"""What a caller is told when something fails: one shape for every failure, one table from its code to a status."""

import json
import logging
from typing import Any, Final, NamedTuple

from ledger.application.ledger import StaleError
from ledger.domain.refusals import Refusal
from ledger.log.codec import UnreadableEventError
from ledger.log.database import DATABASE_FAILED
from ledger.log.requests import LogUnavailableError
from ledger.storage.store import StoreError

STATUS_OF_CODE: Final = {
    "invalid": 422,
    "not_found": 404,
    "conflict": 409,
    "refused": 409,
    "too_large": 413,
    "unauthorized": 401,
    "forbidden": 403,
    "stale": 503,
    "unavailable": 503,
    "internal": 500,
}
RETRY_AFTER_SECONDS: Final = 1
CLIENTS_PATHS: Final = "/api/"
"""What the live protocol's clients call."""

_logger = logging.getLogger(__name__)


class Problem(NamedTuple):
    """A failure as it is told: its code, what went wrong and what to do, and details for machines."""

    code: str
    message: str
    detail: dict[str, Any]

    @property
    def status(self) -> int:
        return STATUS_OF_CODE[self.code]

    def to_json(self, path: str = "") -> bytes:
        """As it is told at a path: below ``/api/`` its code and message are at the top, where those clients look for them."""
        error = {"code": self.code, "message": self.message, "detail": self.detail}
        told = error if path.startswith(CLIENTS_PATHS) else {"ok": False, "error": error}
        return json.dumps(told, ensure_ascii=False).encode()


def problem_of(failure: BaseException) -> Problem:
    """The problem that a failure is. What nobody foresaw is logged with its trace, of which the caller sees nothing."""
    if isinstance(failure, Refusal):
        return Problem(failure.code, failure.message, failure.detail)
    if isinstance(failure, UnreadableEventError):
        _logger.error("an event cannot be read", exc_info=failure)
        return Problem("internal", f"an event that this answer is made of cannot be read: {failure}", {})
    if isinstance(failure, StaleError):
        return Problem("stale", str(failure), {})
    if isinstance(failure, LogUnavailableError):
        _logger.error("the log is unavailable", exc_info=failure)
        return Problem("unavailable", str(failure), {})
    if isinstance(failure, DATABASE_FAILED):
        _logger.error("the database is unavailable", exc_info=failure)
        return Problem("unavailable", "the database of this ledger does not answer; the server's log says why", {})
    if isinstance(failure, StoreError):
        _logger.error("the store of files is unavailable", exc_info=failure)
        return Problem("unavailable", str(failure), {})
    _logger.error("unforeseen failure", exc_info=failure)
    return Problem("internal", "the server failed; its log says why", {})
