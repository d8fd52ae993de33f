"""Which session a command is about."""

from pathlib import Path

import pytest

from ledger.cli.choice import active_or_newest, chosen, newest, sessions_of
from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.embedded import writable
from ledger.domain.vocabulary import Vocabulary
from tests.cli.terminal import Studio


def test_an_id_the_beginning_of_one_or_latest(studio: Studio):
    with open_door(Place(Path(), studio.url)) as door:
        assert chosen(door, studio.finished)["_id"] == studio.finished
        assert chosen(door, studio.finished[:-1])["_id"] == studio.finished
        assert chosen(door, "latest")["_id"] == studio.rolling
        assert active_or_newest(door)["_id"] == studio.rolling


def test_what_several_begin_with_is_refused_and_all_of_them_told(studio: Studio):
    with open_door(Place(Path(), studio.url)) as door, pytest.raises(DoorError, match="type more of the Id") as refused:
        chosen(door, "s")
    assert studio.finished in refused.value.message
    assert studio.rolling in refused.value.message


def test_sessions_are_fetched_page_by_page(studio: Studio):
    with open_door(Place(Path(), studio.url)) as door:
        assert [session["_id"] for session in sessions_of(door, 1)] == [studio.rolling, studio.finished]


def test_an_empty_ledger_has_no_newest(tmp_path: Path):
    with writable(tmp_path, Vocabulary()):
        pass
    with open_door(Place(tmp_path)) as door, pytest.raises(DoorError, match="holds no session"):
        newest(door)
