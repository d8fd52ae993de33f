"""``ledger keys``: by folder and through a server, to the key that its holder then shows."""

from pathlib import Path

import pytest

from ledger.domain.keys import digest_of_key
from tests.cli.terminal import Said, Studio, done, run
from tests.serving import Serving
from tests.shared import Serve


def add(*arguments: object, **environment: str) -> str:
    """The key that the command prints."""
    said = done("keys", "add", *arguments, **environment)
    (key,) = said.out.splitlines()
    assert key.startswith("ledger_")
    assert len(key) == len("ledger_") + 43
    assert key not in said.err
    return key


def names(said: Said) -> dict[str, bool]:
    """Each key by its name, and whether it is still good."""
    return {key["name"]: "revokedAt" not in key for key in said.answer}


def test_keys_come_and_go_in_a_folder_that_nobody_serves(tmp_path: Path):
    here = ("--data", tmp_path / "ledger")
    first = add("ann", "--scope", "admin", *here)
    second = add("pose", "--scope", "write:stills", "--scope", "read", *here)
    assert first != second
    assert names(done("keys", "list", "--json", *here)) == {"ann": True, "pose": True}
    assert "revoked" in done("keys", "revoke", "pose", *here).err
    assert names(done("keys", "list", "--json", *here)) == {"ann": True, "pose": False}
    table = done("keys", "list", *here).out
    assert "write:stills read" in table
    assert not {digest_of_key(first), first} & set(table.split())


def test_the_first_key_locks_a_running_server_for_everybody_else(serve: Serve):
    server = serve()
    key = add("ann", "--scope", "admin", "--url", server.url)
    for command in (("sessions",), ("status",), ("keys", "list"), ("keys", "add", "eve", "--scope", "admin")):
        refused = run(*command, "--url", server.url)
        assert (refused.status, refused.out) == (1, "")
        assert "--key" in refused.err
        done(*command[:2], *(() if command[-1] != "admin" else command[2:]), "--url", server.url, "--key", key)
    assert done("sessions", "--json", "--url", server.url, LEDGER_KEY=key).answer == []
    assert run("sessions", "--url", server.url, "--key", "ledger_wrong", LEDGER_KEY=key).status == 1


def test_a_revoked_key_opens_nothing(serve: Serve):
    server = serve()
    at = ("--url", server.url)
    admin = add("ann", "--scope", "admin", *at)
    reader = add("page", "--scope", "read", *at, "--key", admin)
    assert done("sessions", "--json", *at, "--key", reader).answer == []
    refused = run("keys", "revoke", "page", *at, "--key", reader)
    assert "'page' lacks the scope admin" in refused.err
    done("keys", "revoke", "page", *at, "--key", admin)
    assert run("sessions", *at, "--key", reader).status == 1


def test_a_key_may_be_for_one_session_only(serve: Serve):
    server: Serving = serve()
    session_id, other = server.session(), server.session()
    at = ("--url", server.url)
    admin = add("ann", "--scope", "admin", *at)
    key = add("guest", "--scope", "read", "--session", session_id[:-2], *at, "--key", admin)
    assert done("replay", session_id, "--speed", "max", *at, "--key", key).lines
    refused = run("replay", other, "--speed", "max", *at, "--key", key)
    assert (refused.status, refused.out) == (1, "")
    assert f"bound to the session {session_id}" in refused.err


def test_who_imports_with_a_key_is_recorded_under_its_name(serve: Serve, tmp_path: Path):
    server = serve()
    at = ("--url", server.url)
    key = add("importer", "--scope", "admin", *at)
    project = tmp_path / "Show.drp"
    project.write_text(
        '{"masterTimecode":"10:00:00:00","videoMode":"1080p25","sources":[],"mixEffectBlocks":[{"source":1}]}'
    )
    session_id = done("import", "atem", project, "--date", "2026-03-14", *at, "--key", key).out.strip()
    entries = done("replay", session_id, "--speed", "max", *at, "--key", key).lines
    assert {entry["actor"] for entry in entries} == {"importer"}


def test_beside_a_running_server_keys_are_changed_through_it(studio: Studio):
    for command in (("add", "ann", "--scope", "admin"), ("revoke", "ann")):
        refused = run("keys", *command, "--data", studio.directory)
        assert refused.status == 1
        assert f"go through it with --url {studio.url}" in refused.err
    assert done("keys", "list", "--json", "--data", studio.directory).answer == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "ann", "--scope", "everything"), "scopes[0]: must be 'read'"),
        (("add", "", "--scope", "read"), "name"),
        (("add", "ann", "--scope", "read", "--session", "nobody"), "there is no session 'nobody'"),
        (("revoke", "nobody"), "there is no key 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, arguments: tuple[str, ...], said: str):
    refused = run("keys", *arguments, "--data", tmp_path / "ledger")
    assert (refused.status, refused.out) == (1, "")
    assert said in refused.err
