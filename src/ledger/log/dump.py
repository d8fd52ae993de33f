"""PostgreSQL's own backup and restore, called as an operator calls them: a dump of the log's schema, and a database made of it."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url

from ledger.log.backup import BackupError


def dump(url: str, schema: str, file: Path) -> int:
    """Write a schema of a database, as it stands at one moment, into a file, beside whoever writes it; answers its bytes."""
    _run("pg_dump", make_url(url), "--format=custom", f"--schema={schema}", f"--file={file}")
    return file.stat().st_size


def load(file: Path, url: str) -> None:
    """Make of a dump what it was taken of, in a database that is empty."""
    _run("pg_restore", make_url(url), "--no-owner", "--no-privileges", "--exit-on-error", str(file))


@contextmanager
def scratch_database(beside: str) -> Iterator[str]:
    """The URL of an empty database on the same server, which is gone afterwards. Raises BackupError where none may be made."""
    address = make_url(beside)
    name = f"ledger_drill_{secrets.token_hex(4)}"
    # From template0: whatever an operator has put into template1 is in the dump's way.
    _tell(address, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        _tell(address, f"DROP DATABASE IF EXISTS {name}")


def _tell(address: URL, statement: str) -> None:
    engine = create_engine(address.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    except Exception as failure:
        raise BackupError(f"{statement}: {str(failure).splitlines()[0]}") from failure
    finally:
        engine.dispose()


def _run(program: str, address: URL, *options: str) -> None:
    """Call a program on a database. Its password is in the environment, for others can see the arguments."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"there is no {program} here: install PostgreSQL's client programs, of the server's version")
    environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
    plain = address.set(drivername="postgresql")._replace(password=None).render_as_string(hide_password=False)
    words = [found, *options, f"--dbname={plain}"]
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own program, on the operator's own database
        words, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")
