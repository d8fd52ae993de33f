"""A server for a while."""

from pathlib import Path

import pytest

from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.embedded import writable
from ledger.cli.server import running_server
from ledger.domain.vocabulary import Vocabulary


@pytest.mark.long  # every demo does it as well
def test_it_is_there_and_then_it_is_not(tmp_path: Path):
    with running_server(tmp_path) as server, open_door(Place(Path(), server.url)) as door:
        assert door.standing().lag == 0
    assert server.process.returncode == 0


@pytest.mark.long
def test_one_that_cannot_start_is_said(tmp_path: Path):
    with (
        writable(tmp_path, Vocabulary(), "http://127.0.0.1:1"),
        pytest.raises(DoorError, match="did not start"),
        running_server(tmp_path),
    ):
        pass
