"""What an external writer installs: the client and the command, and nothing of the server."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.client.bare import ROOT, SERVER_PACKAGES
from tests.serving import Serving


def bare(*command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """``ledger …`` as an external writer has it installed."""
    asked = [sys.executable, "-m", "tests.client.bare", *command]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, input=stdin)


def test_without_the_servers_packages_the_command_says_how_to_get_them(tmp_path: Path):
    assert {"sqlalchemy", "fastapi", "uvicorn", "eventsourcing", "opentimelineio"} <= SERVER_PACKAGES
    said = bare("sessions", "--data", str(tmp_path))
    assert (said.returncode, said.stdout) == (1, "")
    assert "pip install 'production-ledger[server]'" in said.stderr
    assert "Traceback" not in said.stderr


def test_without_them_it_still_speaks_to_a_server(serving: Serving):
    session_id = serving.session(title="Seen from afar")
    said = bare("history", session_id, "--url", serving.url)
    assert "Seen from afar" in said.stdout, said.stderr


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of an environment are that has the client and nothing else.

    Needs a package registry, as the environment of this suite did.
    """
    folder = tmp_path_factory.mktemp("installed")
    building = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(building, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    installing = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[client]"]
    subprocess.run(installing, check=True, cwd=folder)
    return folder / "venv" / "bin"


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_wheel_brings_no_server(commands: Path, tmp_path: Path):
    listing = [str(commands / "python"), "-m", "pip", "list", "--format=freeze"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    installed = {line.partition("==")[0].lower().replace("-", "_") for line in listed.splitlines()}
    assert "pydantic" in installed
    assert installed & SERVER_PACKAGES == set()
    said = subprocess.run(
        [str(commands / "ledger"), "sessions"], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert "pip install 'production-ledger[server]'" in said.stderr
    importing = "from ledger.client import AsyncWriter, Writer; from ledger.client.worker import Worker"
    subprocess.run([str(commands / "python"), "-c", importing], check=True, cwd=tmp_path)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_what_the_wheel_brings_sends_facts(commands: Path, serving: Serving, tmp_path: Path):
    session = serving.session()
    sending = [str(commands / "ledger"), "send", "--url", serving.url, "--spool", "spools/bare", "--session", session]
    line = '{"eventType": "cut", "timestampMs": 1}'
    sent = subprocess.run(sending, check=False, capture_output=True, text=True, cwd=tmp_path, input=line)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert len(serving.ask("session/history", sessionId=session)["page"]) == 2


@pytest.mark.long
def test_a_users_code_is_checked_by_the_clients_types(tmp_path: Path):
    """As strictly as a checker can be, from outside of this repository."""
    using = tmp_path / "using.py"
    using.write_text(
        "import asyncio\n"
        "from ledger.client import AsyncWriter, Writer\n\n"
        "writer = Writer('http://127.0.0.1:9', spool='s')\n"
        "marker: str = writer.mark_hero_pose('s', score=1.0)\n"
        "writer.store_capture({'capture_id': 'c'})\n"
        "writer.create_still('s', 'hero', score='high')  # error\n"
        "writer.update_capture(marker, 'lost')  # error\n"
        "writer.append_music_moment('s', tempi=120.0)  # error\n\n"
        "async def main(awaiting: AsyncWriter) -> None:\n"
        "    moment: str = await awaiting.append_music_moment('s', tempo=120.0)\n"
        "    wrong: str = awaiting.mark_hero_pose(moment)  # error\n",
        encoding="utf-8",
    )
    asked = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", str(using)]
    said = subprocess.run(asked, check=False, capture_output=True, text=True, cwd=tmp_path)
    found = {int(line.split(":")[1]) for line in said.stdout.splitlines() if ": error:" in line}
    wanted = {n for n, line in enumerate(using.read_text("utf-8").splitlines(), 1) if line.endswith("# error")}
    assert found == wanted, said.stdout
