"""A command says the same whichever way it goes in."""

import pytest

from ledger.application import ledger
from ledger.bootstrap import LOG_FILE
from ledger.cli.door import Place
from tests.cli.terminal import Studio, done, run
from tests.serving import Serving

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


def _position(studio: Studio, later: int = 0) -> str:
    """How far the studio's ledger has come, or will have come so much later."""
    epoch, _, place = done("status", "--json", *studio.places[1]).answer["position"].partition(".")
    shard, _, position = place.partition("-")
    return f"{epoch}.{shard}-{int(position) + later}"


def test_an_answer_shows_what_it_must_show_at_least(serving: Serving):
    is_folder = (serving.directory / LOG_FILE).exists()
    for place in (("--url", serving.url), *([("--data", serving.directory)] if is_folder else [])):
        started = serving.post("session/start", {"sessionType": "music_demo", "title": "Just now"})
        shown = done("history", started.json()["result"], "--at-least", started.headers["Ledger-Position"], *place)
        assert "Just now" in shown.out
        assert shown.err == ""


@pytest.mark.parametrize("way", [0, pytest.param(1, marks=pytest.mark.long)], ids=["folder", "server"])
@pytest.mark.parametrize("command", [("sessions",), ("cut-log", "latest", "--json"), ("head",)], ids=" ".join)
def test_an_answer_that_does_not_show_it_in_time_is_none(
    studio: Studio, command: tuple[str, ...], way: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger, "WAIT_SECONDS_MAX", 0.01)  # of this process; a server takes two seconds
    later = _position(studio, later=1_000)
    said = run(*command, "--at-least", later, *studio.places[way])
    assert (said.status, said.out) == (3, "")
    assert said.err == f"error: the views have come to {_position(studio)}, not yet to {later}; try again in a moment\n"


def test_a_position_of_another_ledger_is_refused_and_what_is_none_is_wrong_usage(studio: Studio):
    for place in studio.places:
        said = run("sessions", "--at-least", "abcd1234.0-1", *place)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("error: --at-least: it is of epoch abcd1234, but this ledger is in epoch ")
        for token in ("", "soon", "é.0-1"):
            said = run("sessions", "--at-least", token, *place)
            assert (said.status, "is not a position of this ledger" in " ".join(said.err.split())) == (2, True)


def test_a_place_says_how_to_name_it(tmp_path):
    assert Place(tmp_path).option == f"--data {tmp_path}"
    assert Place(tmp_path, "http://127.0.0.1:1").option == "--url http://127.0.0.1:1"
