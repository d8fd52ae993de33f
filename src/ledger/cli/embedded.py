"""The door into a ledger's folder, opened by this process."""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation, Query
from ledger.application.ledger import Ledger, StaleError
from ledger.bootstrap import (
    LOG_FILE,
    NoLedgerError,
    open_database,
    open_database_for_following,
    open_for_following,
    open_for_reading,
    open_for_writing,
)
from ledger.cli.door import (
    PARKED,
    UPLOAD_URL,
    WHEN_HALTED,
    Door,
    DoorError,
    Purpose,
    RebuildAt,
    Standing,
    brought_before,
    without_password,
)
from ledger.cli.screens import Warnings, progress
from ledger.domain.refusals import Refusal, UploadUsed
from ledger.domain.vocabulary import Vocabulary
from ledger.log.codec import UnreadableEventError
from ledger.log.database import DATABASE_FAILED
from ledger.log.lockfile import LedgerInUseError
from ledger.log.positions import Position
from ledger.settings import Settings
from ledger.storage.store import StoreError

PATIENCE_SECONDS: Final = 3.0
"""How long a command waits for another that has the folder open but serves nobody: those are done in a moment."""
_POLL_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 0.5


class EmbeddedDoor:
    def __init__(self, ledger: Ledger, actor: str, directory: Path | None = None) -> None:
        """``directory``: the ledger's folder, where it is in one."""
        self._ledger = ledger
        self._actor = actor
        self._directory = directory
        self._log = _identity(directory)
        self._warnings = Warnings()
        self.at_least: str | None = None

    def ask(self, function: str, arguments: dict[str, Any]) -> Any:
        query = BY_NAME[function]
        assert isinstance(query, Query), f"{function} is a question"
        if _identity(self._directory) != self._log:
            # Whoever only looks on keeps nobody from that, and would go on looking at the one that was moved aside.
            message = f"{self._directory}: another ledger is there now, restored from a backup perhaps; start again"
            raise DoorError("conflict", message)
        try:
            at_least = Position.parse(self.at_least) if self.at_least is not None else None
            answer = self._ledger.read(query, arguments, at_least)
        except Refusal as refusal:
            raise DoorError(refusal.code, refusal.message, refusal.detail) from refusal
        except StaleError as stale:
            raise DoorError("stale", str(stale)) from stale
        except UnreadableEventError as unreadable:
            message = f"an event that this answer is made of cannot be read: {unreadable}"
            raise DoorError("internal", message) from unreadable
        self._warnings.of_answer(answer.parked if function != PARKED else (), stale=answer.stale)
        return json.loads(answer.json)

    def tell(self, function: str, arguments: dict[str, Any], key: str) -> Any:
        telling = BY_NAME[function]
        assert not isinstance(telling, Query), f"{function} does something"
        carry_out: Any = self._ledger.write if isinstance(telling, Mutation) else self._ledger.act
        try:
            return json.loads(carry_out(telling, arguments, Caller(self._actor, key)).json)
        except Refusal as refusal:
            raise DoorError(refusal.code, refusal.message) from refusal

    def bring(self, content: bytes, content_type: str, key: str) -> str:
        token = self.tell(UPLOAD_URL, {}, key).partition("token=")[2]
        try:
            with self._ledger.files.receiving(token) as receiving:
                receiving.write(content)
                return receiving.finish(content_type, None)
        except UploadUsed as used:
            return brought_before(used.message, used.detail)
        except Refusal as refusal:
            raise DoorError(refusal.code, refusal.message, refusal.detail) from refusal

    def fetch(self, storage_id: str, target: Path) -> None:
        try:
            file = self._ledger.files.find(storage_id)
            with target.open("wb") as written:
                written.writelines(self._ledger.files.read(file, 0, file.size))
        except Refusal as refusal:
            raise DoorError(refusal.code, refusal.message, refusal.detail) from refusal
        except StoreError as failure:
            raise DoorError("unavailable", str(failure)) from failure

    def standing(self) -> Standing:
        found = self._ledger.standing()
        if found.lag and found.rate is None:
            time.sleep(_LOOK_SECONDS)  # to see how fast they come on
            found = self._ledger.standing()
        log = self._ledger.log
        return Standing(
            log.epoch,
            str(log.position()),
            found.lag,
            found.lag_ms,
            found.backlog,
            found.rate,
            found.halted,
            found.parked,
            tuple(map(str, found.drifts)),
            self._rebuild(),
        )

    def _rebuild(self) -> RebuildAt | None:
        found = self._ledger.rebuild_standing()
        return RebuildAt(found.state, found.done, found.total) if found is not None else None


def _identity(directory: Path | None) -> tuple[int, int] | None:
    """Which file the folder's log is, apart from its name."""
    if directory is None:
        return None
    try:
        found = (directory / LOG_FILE).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def embedded_door(directory: Path, purpose: Purpose, actor: str) -> Iterator[Door]:
    """Raises DoorError where there is no ledger, or, to write, where another process has it open."""
    vocabulary = Settings.from_environment().vocabulary
    if purpose == "write":
        with writable(directory, vocabulary) as ledger:
            yield EmbeddedDoor(ledger, actor, directory)
        return
    with _opened(open_for_reading(directory, vocabulary)) as ledger:
        _bring_up(ledger)
    # However long it is looked at from here on, nobody is kept from writing.
    with _opened(open_for_following(directory, vocabulary)) as ledger:
        yield EmbeddedDoor(ledger, actor, directory)


@contextmanager
def database_door(url: str, purpose: Purpose, actor: str) -> Iterator[Door]:
    """Raises DoorError where there is no ledger, or no database."""
    with database(url, writing=purpose == "write") as ledger:
        yield EmbeddedDoor(ledger, actor)


@contextmanager
def database(url: str, *, writing: bool, is_building: bool = True) -> Iterator[Ledger]:
    """A ledger in a PostgreSQL database, to write, or to serve; else to look at, once its views are up to its log.

    Raises DoorError where there is none, or no database.
    """
    settings = Settings.from_environment()
    vocabulary = settings.vocabulary
    making = partial(open_database, shards=settings.shards, files=settings.files, is_parking=settings.is_parking)
    patrol_seconds = settings.patrol_seconds
    opening = (
        partial(making, is_building=is_building, patrol_seconds=patrol_seconds)
        if writing
        else open_database_for_following
    )
    try:
        with _opened(opening(url, vocabulary)) as ledger:
            if not writing and ledger.runner.lag():
                with making(url, vocabulary) as builder:
                    _bring_up(builder)
            yield ledger
    except ValueError as unreadable:
        raise DoorError("invalid", f"--database: {unreadable}") from unreadable
    except DATABASE_FAILED as failure:
        raise DoorError("unavailable", f"{without_password(url)}: {str(failure).splitlines()[0]}") from failure


@contextmanager
def writable(directory: Path, vocabulary: Vocabulary, url: str | None = None) -> Iterator[Ledger]:
    """A ledger to write, or to serve at ``url``. Raises DoorError where another process goes on having it open."""
    settings = Settings.from_environment()
    deadline = time.monotonic() + PATIENCE_SECONDS
    with ExitStack() as closing:
        while True:
            try:
                opening = open_for_writing(
                    directory,
                    vocabulary,
                    url=url,
                    files=settings.files,
                    is_parking=settings.is_parking,
                    patrol_seconds=settings.patrol_seconds,
                )
                ledger = closing.enter_context(opening)
            except LedgerInUseError as in_use:
                if in_use.url or time.monotonic() > deadline:
                    raise DoorError("in_use", str(in_use)) from in_use
                time.sleep(_POLL_SECONDS)
            else:
                yield ledger
                return


@contextmanager
def _opened(opening: AbstractContextManager[Ledger]) -> Iterator[Ledger]:
    try:
        with opening as ledger:
            yield ledger
    except NoLedgerError as missing:
        raise DoorError("not_found", f"{missing}; or name another folder with --data, a server with --url") from missing


def _bring_up(ledger: Ledger) -> None:
    """Wait until the views show all of the log, where this process builds them: after a rebuild that can take a while."""
    if not ledger.views.is_built_here or not ledger.runner.lag():
        return
    behind = ledger.runner.lag()
    with progress("bringing the views up to the log", behind) as advance:
        while (lag := ledger.runner.lag()) and not ledger.runner.halted:
            advance(behind - lag)
            time.sleep(_POLL_SECONDS)
    if ledger.runner.halted:
        halted = f"the views stand still at an event that cannot be applied: {ledger.runner.halted}"
        raise DoorError("internal", f"{halted}; {WHEN_HALTED}")
