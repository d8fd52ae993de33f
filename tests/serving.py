"""A real server in a process of its own, for tests; ``python -m tests.serving DIRECTORY`` is that process."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx2

from ledger import bootstrap
from ledger.api.server import bind, create_app, serve
from ledger.settings import Settings
from ledger.workers.running import running
from tests.forked import Forked

ROOT: Final = Path(__file__).parents[1]
STOP_SECONDS_MAX: Final = 60
REQUEST_SECONDS_MAX: Final = 50
"""A disk that is busy has been seen to keep a commit waiting for half a minute."""

_leaving: "list[Serving]" = []


class Serving:
    """A ledger in a folder, and the server that is running on it, which can be stopped, killed and started again."""

    def __init__(
        self, directory: Path, *, wrapper: tuple[str, ...] = (), module: str = "tests.serving", **environment: str
    ):
        """``wrapper`` is a command that runs the server's own, such as ``strace``."""
        self.directory = directory
        self._wrapper = wrapper
        self._module = module
        self._environment = {**os.environ, **environment}
        self.database = environment.get("LEDGER_DATABASE")
        """The URL of its database, None where the ledger is in the folder."""
        self.start()

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.running: Forked | subprocess.Popen[str] = self._wrapped() if self._wrapper else self._forked()
        assert self.running.stdout is not None
        line = self.running.stdout.readline()
        assert line, f"the server did not start:\n{self.log()}"
        started = json.loads(line)
        self.pid: int = started["pid"]
        self.port: int = started["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        # There is nothing to verify, and what one would verify by takes long to read.
        self.client = httpx2.Client(base_url=self.url, timeout=REQUEST_SECONDS_MAX, verify=False)

    def _forked(self) -> Forked:
        log = self.directory / "server.log"
        return Forked(self._module, [str(self.directory)], folder=ROOT, environment=self._environment, log=log)

    def _wrapped(self) -> subprocess.Popen[str]:
        command = [*self._wrapper, sys.executable, "-m", self._module, str(self.directory)]
        with (self.directory / "server.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Tell the server to end, wait until it has, and answer with its exit status. Where it has ended, only that."""
        self.client.close()
        if self.running.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and whoever forked it has not said so yet
                os.kill(self.pid, signal_number)
        status = self.running.wait(STOP_SECONDS_MAX)
        assert self.running.stdout is not None
        self.running.stdout.close()
        return status

    def leave(self) -> None:
        """Tell the server to end, for a test that is over; ``wait_for_all`` sees that it does, while others go on.

        One on a database is waited for: that is emptied next, for another test.
        """
        if self.database:
            self.stop()
            return
        self.client.close()
        if self.running.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
        _leaving.append(self)
        for gone in [server for server in _leaving if server.running.poll() is not None]:
            gone.stop()
            _leaving.remove(gone)

    def restart(self, signal_number: int = signal.SIGTERM) -> None:
        self.stop(signal_number)
        self.start()

    def log(self) -> str:
        """What the server has written to its standard error."""
        return (self.directory / "server.log").read_text("utf-8")

    def post(self, route: str, arguments: Any, **headers: str) -> httpx2.Response:
        """Ask for a mutation, its arguments as JSON; ``Idempotency_Key="k"`` is the header Idempotency-Key."""
        return self.client.post(f"/production/{route}", json=arguments, headers=_headers(headers))

    def get(self, route: str, headers: dict[str, str] | None = None, /, **parameters: Any) -> httpx2.Response:
        return self.client.get(f"/production/{route}", params=parameters, headers=headers)

    def record(self, route: str, **arguments: Any) -> Any:
        """The result of a mutation that must succeed."""
        answer = self.post(route, arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def ask(self, route: str, **parameters: Any) -> Any:
        """The result of a query that must succeed."""
        answer = self.get(route, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def session(self, **arguments: Any) -> str:
        """The Id of a new session."""
        session_id: str = self.record("session/start", **{"sessionType": "music_demo"} | arguments)
        return session_id

    def head(self) -> int:
        """The position of the newest entry of the log."""
        position: str = self.client.get("/readyz").json()["position"]
        return int(position.rpartition("-")[2])


def wait_for_all() -> None:
    """Every server that was told to end ends; nobody waited a quarter of a second for each."""
    while _leaving:
        _leaving.pop().stop()


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}


def run(directory: Path) -> None:
    """Serve a folder, or the database that the environment names, until told to end, on the port that PORT names or a free one.

    The first line on stdout says where.
    """
    settings = Settings.from_environment()
    listening = bind("127.0.0.1", int(os.environ.get("PORT", "0")))
    port = listening.getsockname()[1]
    started = {"port": port, "pid": os.getpid()}
    opening = (
        bootstrap.open_database(
            settings.database,
            settings.vocabulary,
            shards=settings.shards,
            files=settings.files or str(directory / bootstrap.FILES_FOLDER),
            is_parking=settings.is_parking,
            patrol_seconds=settings.patrol_seconds,
        )
        if settings.database
        else bootstrap.open_for_writing(
            directory,
            settings.vocabulary,
            url=f"http://127.0.0.1:{port}",
            is_parking=settings.is_parking,
            patrol_seconds=settings.patrol_seconds,
        )
    )
    with opening as ledger, running(ledger, settings, f"http://127.0.0.1:{port}"):
        app = create_app(ledger, settings)
        if "LONG_WAY" in os.environ:  # the whole suite, without the express lane
            app.lane.paths.clear()
        serve(app, listening, lambda: print(json.dumps(started), flush=True), settings.limits)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
