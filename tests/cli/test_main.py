"""The command as a whole: everything it knows is explained in its help and in the reference."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import ledger
from tests.cli.terminal import COMMAND, done, run
from tests.serving import ROOT

REFERENCE = ROOT / "docs" / "reference" / "command-line.md"


def commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


COMMANDS = dict(commands(COMMAND))


def section(name: str) -> str:
    """What the reference says of a command."""
    parts = re.split(r"^## ", REFERENCE.read_text("utf-8"), flags=re.MULTILINE)
    return next((part for part in parts if part.startswith(f"`ledger {name}")), "")


def test_there_are_the_commands_of_the_contract():
    reading = {"sessions", "tail", "cut-log", "replay", "status"}
    audit = {"history", "as-of", "explain", "compare", "clocks", "gaps", "correct", "poses"}
    viewing = {"project", "rebuild", "parked list", "parked replay", "stills"}
    devices = {"send", "spool status", "spool retry", "spool discard"}
    keeping = {"copy", "backup", "restore", "restored", "drill", "keys add", "keys list", "keys revoke"}
    proving = {"verify", "head", "proof", "bundle", "import bundle"}
    assert (
        set(COMMANDS)
        == {"serve", "demo", "import atem", "types"} | reading | audit | devices | viewing | keeping | proving
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_with_an_example_and_tells_the_exit_statuses(name: str):
    said = done(*name.split(), "--help").out
    assert f"Example: ledger {name}" in said
    assert "Exit status: 0 done" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_has_every_option(name: str):
    text = section(name)
    assert text, f"{REFERENCE.name} has no section of `ledger {name}`"
    options = [option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)]
    options = [option for option in options if option.startswith("-") and option not in ("--help", "-h")]
    everywhere = ("--data", "--database", "--url", "--key", "--at-least") if name not in ("serve", "demo") else ()
    assert [option for option in options if f"`{option}" not in text and option not in everywhere] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_has_no_option_that_there_is_not(name: str):
    known = {option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)}
    told = set(re.findall(r"^\| `(--?[a-z-]+)", section(name), flags=re.MULTILINE))
    assert told <= known


def test_every_command_but_a_few_takes_a_folder_or_a_server():
    without = {name for name, command in COMMANDS.items() if not any("--url" in part.opts for part in command.params)}
    assert without == {"serve", "copy", "types", "spool status", "spool retry", "spool discard"}


def test_whatever_speaks_to_a_server_can_show_it_a_key():
    speaking = {
        name for name, command in COMMANDS.items() if any("--url" in it.opts and not it.hidden for it in command.params)
    }
    assert speaking == {name for name, command in COMMANDS.items() if any("--key" in it.opts for it in command.params)}


def test_whatever_only_reads_can_be_told_what_it_must_show_at_least():
    reading = {name for name, command in COMMANDS.items() if any("--at-least" in it.opts for it in command.params)}
    views = {"sessions", "tail", "as-of", "poses", "parked list", "keys list"}
    log = {"cut-log", "replay", "history", "explain", "compare", "clocks", "gaps", "head", "proof", "bundle"}
    assert reading == views | log


def test_version():
    assert done("--version").out == f"ledger {ledger.__version__}\n"


def test_without_a_command_it_says_what_there_is():
    said = run()
    assert said.status == 2
    assert "Begin with ledger demo" in said.out + said.err


def test_help_is_quick_to_load():
    """None of what takes a second to import is needed to say what there is."""
    loaded = "import sys, ledger.cli; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert {"sqlalchemy", "fastapi", "opentimelineio", "uvicorn", "httpx2"}.isdisjoint(modules)
