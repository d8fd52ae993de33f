"""Plays a sample shoot: every writer on a thread and a connection of its own, all of them on one stage clock."""

from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Final

from ledger.demo.script import Call, Ref
from ledger.demo.shoot import Shoot

Send = Callable[[str, dict[str, Any], str], Any]
"""``send(function, arguments, key)`` carries out one call of the contract under an idempotency key, and answers its result."""

Progress = Callable[[str], None]
_NEVER: Final = float("inf")


class StoppedError(Exception):
    """Another writer failed; this one need not go on."""


class Stage:
    """What the writers share: the time on the stage, and the Ids that have become known.

    The time is that of the earliest director event which is still to come. A director event waits for its turn, so that it
    is late only where the script says so; everything else goes out as soon as its time has come, side by side.
    """

    def __init__(self, writers: list[str]) -> None:
        self._changed = Condition()
        self._next: dict[str, float] = dict.fromkeys(writers, 0.0)
        self._ids: dict[str, str] = {}
        self._stopped = False

    def announce(self, writer: str, at_ms: float) -> None:
        """``writer`` will send no director event before this time."""
        with self._changed:
            if self._next[writer] != at_ms:
                self._next[writer] = at_ms
                self._changed.notify_all()

    def wait_for_turn(self, writer: str, call: Call) -> None:
        """Until the call may go out. Raises StoppedError."""
        place = (call.at_ms, writer)
        with self._changed:
            if call.is_ordered:
                self._wait(lambda: place <= min((at_ms, name) for name, at_ms in self._next.items()))
            else:
                self._wait(lambda: call.at_ms <= min(self._next.values()))

    def learn(self, names: tuple[str | None, ...], ids: list[str]) -> None:
        with self._changed:
            self._ids.update((name, found) for name, found in zip(names, ids, strict=True) if name is not None)
            self._changed.notify_all()

    def known(self, value: Any) -> Any:
        """A value with its Refs replaced; waits for those that are not known yet. Raises StoppedError."""
        if isinstance(value, Ref):
            with self._changed:
                self._wait(lambda: value.name in self._ids)
                return self._ids[value.name]
        if isinstance(value, dict):
            return {name: self.known(item) for name, item in value.items()}
        return [self.known(item) for item in value] if isinstance(value, list) else value

    def id_of(self, ref: Ref) -> str:
        return self._ids[ref.name]

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool]) -> None:
        self._changed.wait_for(lambda: self._stopped or condition())
        if self._stopped:
            raise StoppedError


def play(
    shoot: Shoot, send_as: dict[str, Send], progress: Progress = lambda writer: None, *, key: str = "sample"
) -> Stage:
    """Carry out every call, each writer's with its own ``send``; ``progress`` is told of each, on the writer's thread.

    Raises what the first failing call raised.
    """
    stage = Stage(list(shoot.calls))
    failures: list[Exception] = []

    def write(writer: str, calls: list[Call]) -> None:
        try:
            _write(stage, writer, calls, send_as[writer], lambda: progress(writer), key)
        except StoppedError:
            pass
        except Exception as failure:  # noqa: BLE001  # raised again by play, on the caller's thread
            failures.append(failure)
            stage.stop()

    threads = [Thread(target=write, args=item, name=item[0], daemon=True) for item in shoot.calls.items()]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stage.stop()
        raise
    if failures:
        raise failures[0]
    return stage


def _write(stage: Stage, writer: str, calls: list[Call], send: Send, done: Callable[[], None], key: str) -> None:
    upcoming = [call.at_ms for call in calls if call.is_ordered]
    place = 0
    with suppress(IndexError):
        stage.announce(writer, upcoming[0])
    if not upcoming:
        stage.announce(writer, _NEVER)
    for number, call in enumerate(calls):
        arguments = stage.known(call.arguments)
        stage.wait_for_turn(writer, call)
        answer = send(call.function, arguments, f"{key}-{number}")
        if call.names:
            stage.learn(call.names, answer if isinstance(answer, list) else [answer])
        if call.is_ordered:
            place += 1
            stage.announce(writer, upcoming[place] if place < len(upcoming) else _NEVER)
        done()
