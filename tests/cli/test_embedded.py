"""The door into a folder: who may open it, and for how long."""

from pathlib import Path
from threading import Timer

import pytest

from ledger.cli import embedded
from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.embedded import writable
from ledger.domain.vocabulary import Vocabulary
from tests.cli.terminal import Studio

START = {"sessionType": "music_demo"}


def test_what_is_told_is_answered_and_told_twice_it_is_one(tmp_path: Path):
    with open_door(Place(tmp_path), "write", "me") as door:
        first = door.tell("production:startProductionSession", START, "k")
        assert door.tell("production:startProductionSession", START, "k") == first
        assert door.ask("production:getProductionSession", {"sessionId": first})["_id"] == first
        assert door.standing()[2:] == (0, 0, (0,), None, None, 0, (), None)


def test_refusals_carry_the_contracts_code(tmp_path: Path):
    with open_door(Place(tmp_path), "write") as door:
        with pytest.raises(DoorError) as refused:
            door.tell("production:startProductionSession", {}, "k")
        assert refused.value.code == "invalid"
        with pytest.raises(DoorError) as refused:
            door.ask("production:getCutLog", {"sessionId": "nobody"})
        assert refused.value.code == "not_found"


def test_reading_makes_no_ledger(tmp_path: Path):
    with pytest.raises(DoorError, match="there is no ledger"), open_door(Place(tmp_path / "none")):
        pass
    assert not (tmp_path / "none").exists()


def test_looking_keeps_nobody_from_writing(tmp_path: Path):
    with open_door(Place(tmp_path), "write") as door:
        session_id = door.tell("production:startProductionSession", START, "k")
    with open_door(Place(tmp_path)) as looking, open_door(Place(tmp_path), "write") as writing:
        writing.tell("production:completeProductionSession", {"sessionId": session_id}, "end")
        found = looking.ask("production:getProductionSession", {"sessionId": session_id})
    assert found["status"] == "complete"


def test_a_folder_that_a_server_has_open_names_the_server(tmp_path: Path):
    with (
        writable(tmp_path, Vocabulary(), "http://127.0.0.1:8123"),
        pytest.raises(DoorError, match=r"--url http://127\.0\.0\.1:8123"),
        writable(tmp_path, Vocabulary()),
    ):
        pass


def test_a_short_command_is_waited_for(tmp_path: Path):
    holding = writable(tmp_path, Vocabulary())
    holding.__enter__()
    Timer(0.3, lambda: holding.__exit__(None, None, None)).start()
    with open_door(Place(tmp_path), "write") as door:
        assert door.standing().lag == 0


def test_and_a_long_one_is_not_waited_for_any_longer(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(DoorError, match="open for writing") as refused, open_door(Place(studio.directory), "write"):
        pass
    assert refused.value.code == "in_use"
