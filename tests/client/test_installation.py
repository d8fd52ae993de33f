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
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30, input=stdin)


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


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_wheel_brings_no_server(tmp_path: Path):
    """Needs a package registry, as the environment of this suite did."""
    building = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(building, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[client]"], check=True, cwd=tmp_path)
    listing = [python, "-m", "pip", "list", "--format=freeze"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    installed = {line.partition("==")[0].lower().replace("-", "_") for line in listed.splitlines()}
    assert "pydantic" in installed
    assert installed & SERVER_PACKAGES == set()
    command = str(tmp_path / "venv" / "bin" / "ledger")
    said = subprocess.run([command, "sessions"], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert "pip install 'production-ledger[server]'" in said.stderr


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
