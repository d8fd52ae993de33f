"""``ledger copy``: killed at any moment it goes on where it was, and until it is whole nobody takes it for a ledger."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.bootstrap import open_database
from ledger.cli.embedded import writable
from ledger.cli.failures import INTERRUPTED
from ledger.domain.vocabulary import Vocabulary
from ledger.log.copying import BATCH_ENTRIES
from tests.cli.terminal import Studio, done, run
from tests.places import Database
from tests.postgres import empty_database
from tests.serving import ROOT, Serving


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


@pytest.mark.long
def test_a_studio_moves_into_a_database_while_a_server_has_it_open(studio: Studio, url: str):
    told = done("copy", "--from", studio.directory, "--to", url, "--shards", 4, "--json").answer
    assert (told["partitions"], told["cameSince"]) == (2, 0)
    assert [step["name"] for step in told["steps"]] == [
        "carry the entries",
        "carry the answers under keys",
        "compare the sessions",
        "build the views",
        "compare the views",
    ]
    assert {table["difference"] for table in told["tables"]} == {None}
    both = [done("cut-log", studio.finished, "--json", *at).answer for at in (studio.places[0], ("--database", url))]
    assert both[0] == both[1]
    assert "nothing was touched" in done("verify", "--database", url).out
    again = done("copy", "--from", studio.directory, "--to", url)
    assert f"0 entries, {told['entries']} were there" in " ".join(again.out.split())


def test_what_cannot_be_copied_is_said(studio: Studio, tmp_path: Path):
    folder = studio.directory
    assert "onto itself" in run("copy", "--from", folder, "--to", f"{folder}/../{folder.name}").err
    assert "there is no ledger" in run("copy", "--from", tmp_path / "none", "--to", tmp_path / "new").err
    assert "begins with postgresql://" in run("copy", "--from", folder, "--to", "mysql://nobody/none").err
    done("keys", "add", "cam", "--scope", "read", "--data", tmp_path / "other")
    said = run("copy", "--from", folder, "--to", tmp_path / "other")
    assert said.status == 1
    assert "which is no copy of this one" in said.err


@pytest.mark.long
def test_a_place_that_a_server_has_open_is_not_copied_to(studio: Studio, tmp_path: Path, url: str):
    with writable(tmp_path, Vocabulary()):
        assert "is open for writing" in run("copy", "--from", studio.directory, "--to", tmp_path).err
    with open_database(url, Vocabulary(), shards=1):
        assert "stop its servers" in run("copy", "--from", studio.directory, "--to", url).err


_DYING = """
import os, sys
from ledger.cli import app
from ledger.bootstrap import open_database
from ledger.cli.embedded import writable
from ledger.domain.vocabulary import Vocabulary
from ledger.log.copying import Carrying

def dying(carrying):
    for _ in real(carrying):
        os.kill(os.getpid(), int(os.environ["DIES_OF"]))
        yield

real, Carrying.batches = Carrying.batches, dying
app(sys.argv[1:])
"""


@pytest.mark.long
def test_killed_while_it_carries_it_goes_on_where_it_was(tmp_path: Path, url: str):
    server = Serving(tmp_path / "source")
    session_id = server.session()
    events = [{"timestampMs": at, "eventType": "bar_fire"} for at in range(1_000)]
    for _ in range(12):
        server.record("event/batch", sessionId=session_id, events=events)
    server.stop()
    copying = ["copy", "--from", str(server.directory), "--to", url]
    for batch, (ending, status) in enumerate(((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, INTERRUPTED)), 1):
        command = [sys.executable, "-c", _DYING, *copying]
        environment = {**os.environ, "DIES_OF": str(int(ending))}
        died = subprocess.run(command, cwd=ROOT, env=environment, check=False, stderr=subprocess.PIPE, text=True)
        assert died.returncode == status
        assert ("what was carried stays" in died.stderr) == (ending == signal.SIGINT)
        assert Database(url).rows("SELECT count(*), max(position) FROM events") == [(batch * BATCH_ENTRIES,) * 2]
        for looking in (["sessions", "--database", url], ["project", "--database", url]):
            refused = run(*looking)
            assert refused.status == 1
            assert "unfinished copy" in refused.err
    told = done(*copying, "--json").answer
    assert told["entries"] == 12_001
    assert told["steps"][0]["found"] == "2001 entries, 10000 were there"
    assert "nothing was touched" in done("verify", "--database", url).out
