"""A server that is measured: a process of its own on a folder, asked about itself by its health page and the kernel."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import psutil

START_SECONDS_MAX: Final = 30
CAUGHT_UP_SECONDS_MAX: Final = 300
_STOP_SECONDS_MAX: Final = 30
_SERVE: Final = (sys.executable, "-c", "from ledger.cli import app; app()", "serve")


class ServerFailedError(Exception):
    """The server did not come up, or answered with a failure."""


@cache
def has_serve_command() -> bool:
    """Whether this checkout's own command can serve; else the launcher beside us does what it will do."""
    found = subprocess.run([*_SERVE, "--help"], capture_output=True, check=False)
    return found.returncode == 0 and b"--data" in found.stdout


def command(folder: Path, port: int) -> list[str]:
    if has_serve_command():
        return [*_SERVE, "--data", str(folder), "--port", str(port)]
    return launcher(folder, port)


def serve_words(*options: str) -> list[str]:
    """The command line of a server with options of the caller's own."""
    return [*_SERVE, *options]


def launcher(folder: Path, port: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "bench.launcher", str(folder), str(port), *options]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A running server. Its calls are for what is not measured."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.running = psutil.Process(pid)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the server answers, parsed. Raises ServerFailedError."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise ServerFailedError(f"{method} {path}: {response.status} {answer[:500]}")
        return json.loads(answer) if answer.startswith(("{", "[")) else answer

    def start_session(self) -> str:
        """A new session that rolls; its Id."""
        started = {"sessionType": "photoshoot_performance", "status": "rolling", "title": "Bench"}
        session: str = self.call("POST", "/production/session/start", started)["result"]
        return session

    def wait_until_caught_up(self) -> None:
        """Come back when the views show everything and the server has nothing left to do."""
        deadline = time.monotonic() + CAUGHT_UP_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                if self.call("GET", "/readyz")["lag"] == 0:
                    return
            except ServerFailedError:
                pass  # far behind, it says so with a failure
            time.sleep(0.02)
        raise ServerFailedError("the views did not catch up")

    def commits(self) -> int:
        """How many groups were committed so far."""
        metrics: str = self.call("GET", "/metrics")
        lines = (line for line in metrics.splitlines() if line.startswith("ledger_log_commits_total"))
        return int(float(next(lines).split()[1]))

    def cpu_seconds(self) -> float:
        times = self.running.cpu_times()
        return float(times.user + times.system)

    def cpu_by_thread(self, folder: Path) -> dict[str, float]:
        """CPU seconds by thread's name; only of a server that our launcher started."""
        self.running.send_signal(signal.SIGUSR1)
        time.sleep(0.2)
        names = json.loads((folder / "threads.json").read_text())
        return {
            names.get(str(thread.id), "others"): thread.user_time + thread.system_time
            for thread in self.running.threads()
        }

    def memory_mb(self) -> float:
        """What is in memory of it, in megabytes (10^6 bytes)."""
        return float(self.running.memory_info().rss) / 1e6


@contextmanager
def serving(folder: Path, words: Sequence[str] | None = None, port: int | None = None) -> Iterator[Server]:
    """A server of a folder, stopped at the end; ``words`` is its command line, where it is not the usual one."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    said = folder / "server.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            words or command(folder, port), env=environment, stdout=log, stderr=subprocess.STDOUT
        ) as started,
    ):
        try:
            yield _awaited(started, port, said)
        finally:
            _stop(started)


def _awaited(started: subprocess.Popen[bytes], port: int, said: Path) -> Server:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and started.poll() is None:
        server = Server(port, started.pid)
        try:
            server.call("GET", "/healthz")
        except OSError:
            time.sleep(0.05)
        else:
            return server
    words = said.read_text("utf-8", errors="replace")[-2_000:]
    raise ServerFailedError(f"the server did not come up (exit status {started.poll()}); it said:\n{words}")


def _stop(started: subprocess.Popen[bytes]) -> None:
    """Tell the server to end, or where it is traced, the server below its tracer."""
    if started.poll() is None:
        below = psutil.Process(started.pid).children()
        for running in below or [psutil.Process(started.pid)]:
            running.send_signal(signal.SIGTERM)
    try:
        started.wait(_STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        started.kill()


class LoadGenerator:
    """The other process: asks a server as fast as it can; see ``bench.load`` for its jobs."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._running = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def run(self, server: Server, kind: str, **details: Any) -> dict[str, Any]:
        """One job's measures. Raises ServerFailedError where the generator gave up; it has said why on stderr."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(json.dumps({"kind": kind, "port": server.port, **details}) + "\n")
        self._running.stdin.flush()
        line = self._running.stdout.readline()
        if not line:
            raise ServerFailedError(f"the load generator gave up on {kind}")
        measures: dict[str, Any] = json.loads(line)
        return measures

    def close(self) -> None:
        assert self._running.stdin is not None
        self._running.stdin.close()
        self._running.wait(10)
