"""What a server asked of its kernel, as ``strace`` saw it, and whether it was durable before it said so."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_LINE: Final = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>)?(.*)")
_CALL: Final = re.compile(r"(\w+)\((\d+)<([^>]*)>(.*)")


class Call(NamedTuple):
    """One system call on a file: when it began and when it was done, in lines of the trace."""

    name: str
    descriptor: int
    file: str
    rest: str
    begun: int
    done: int


def tracing(trace: Path, *calls: str) -> tuple[str, ...]:
    """The command that runs another and writes what it asks of the kernel into a file."""
    return (
        *("strace", "-f", "-y", "--seccomp-bpf", "-s", "24", "-e", f"trace={','.join(calls)}"),
        *("-e", "signal=none", "-o", str(trace)),
    )


@cache
def why_not() -> str | None:
    """Why nothing can be traced here, if so."""
    try:
        tried = subprocess.run(
            [*tracing(Path("/dev/null"), "fsync"), "true"], check=False, capture_output=True, text=True, timeout=10
        )
    except OSError as error:
        return f"no strace: {error}"
    return None if tried.returncode == 0 else f"strace is not permitted: {tried.stderr.strip()}"


def read_trace(lines: Iterable[str]) -> Iterator[Call]:
    """The calls of a trace on files, in the order in which they were done."""
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        found = _LINE.match(line)
        if found is None:
            continue
        thread, resumed, text = found.groups()
        if text.endswith("<unfinished ...>"):
            begun[thread] = (number, text.removesuffix("<unfinished ...>"))
            continue
        since = number
        if resumed and thread in begun:
            since, beginning = begun.pop(thread)
            text = beginning + text
        if call := _CALL.match(text):
            name, descriptor, file, rest = call.groups()
            yield Call(name, int(descriptor), file, rest, since, number)


def acknowledged_without_sync(calls: Iterable[Call]) -> list[int]:
    """The lines at which a POST was answered with 200 though, since it came in, nothing was written and then synced."""
    received: dict[int, int] = {}
    log_writes: list[int] = []
    syncs: list[Call] = []
    too_early: list[int] = []
    for call in calls:
        if call.name == "read" and '"POST ' in call.rest:
            received[call.descriptor] = call.done
        elif call.name == "pwrite64" and call.file.endswith("/log.sqlite-wal"):
            log_writes.append(call.done)
        elif (
            call.name in ("fdatasync", "fsync") and call.file.endswith("/log.sqlite-wal") and call.rest.endswith("= 0")
        ):
            syncs.append(call)
        elif call.name == "write" and '"HTTP/1.1 200' in call.rest and call.descriptor in received:
            since = received.pop(call.descriptor)
            durable = any(
                sync.done < call.begun and any(since < written < sync.begun for written in log_writes[-200:])
                for sync in syncs[-50:]
            )
            if not durable:
                too_early.append(call.begun)
    return too_early
