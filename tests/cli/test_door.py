"""A command says the same whichever way it goes in."""

import pytest

from ledger.cli.door import Place
from tests.cli.terminal import Studio, done, run

READS = [
    ("sessions",),
    ("sessions", "--json"),
    ("sessions", "--json", "--status", "rolling"),
    ("tail", "--no-follow"),
    ("tail", "latest", "--no-follow", "--json", "-n", "3"),
    ("replay", "latest", "--speed", "max"),
    ("history", "latest", "--type", "cut"),
    ("as-of", "latest", "--at", "5"),
    ("explain", "latest", "5"),
    ("compare", "latest", "4"),
    ("clocks", "latest"),
    ("poses", "latest", "--json"),
    ("cut-log", "latest"),
    ("cut-log", "latest", "--json"),
    ("cut-log", "latest", "--at", "5", "--json"),
    *(("cut-log", "latest", "--format", form, "--rate", "29.97df") for form in ("csv", "edl", "otio", "fcp7xml")),
]


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_folder_and_server_give_the_same(studio: Studio, command: tuple[str, ...]):
    by_folder, by_url = (done(*command, *place) for place in studio.places)
    assert by_folder.out
    assert (by_folder.out, by_folder.err) == (by_url.out, by_url.err)


def test_status_through_a_server_lacks_only_what_is_the_folders(studio: Studio):
    by_folder, by_url = (done("status", "--json", *place).answer for place in studio.places)
    assert by_url["ledger"] == studio.url
    assert set(by_folder) - set(by_url) == {"files", "heldBy"}
    assert {name: by_folder[name] for name in ("position", "lag", "halted", "sessions")} == {
        name: by_url[name] for name in ("position", "lag", "halted", "sessions")
    }


@pytest.mark.parametrize(
    "command",
    [
        ("cut-log", "nobody"),
        ("replay", "nobody", "--speed", "max"),
        ("cut-log", "latest", "--at", "9999"),
        ("explain", "latest", "1"),
    ],
)
def test_folder_and_server_refuse_alike(studio: Studio, command: tuple[str, ...]):
    by_folder, by_url = (run(*command, *place) for place in studio.places)
    assert by_folder == by_url
    assert (by_folder.status, by_folder.out) == (1, "")
    assert by_folder.err.startswith("error: ")


def test_a_place_says_how_to_name_it(tmp_path):
    assert Place(tmp_path).option == f"--data {tmp_path}"
    assert Place(tmp_path, "http://127.0.0.1:1").option == "--url http://127.0.0.1:1"
