"""The program on the terminal and in files."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from ledger.cli.door import DoorError, Place, open_door
from ledger.cli.program import content_of, fetch, offset, settings_of, show, write
from ledger.domain.timecode import parse_rate
from ledger.exports import File, Rendered
from tests.cli.terminal import Studio


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "0:00.000"), (250_320, "4:10.320"), (-6_000, "-0:06.000"), (3_600_000, "60:00.000")]
)
def test_offsets(ms: int, said: str):
    assert offset(ms) == said


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_fits_its_screen(studio: Studio, width: int):
    screen = Console(file=io.StringIO(), width=width)
    with open_door(Place(Path(), studio.url)) as door:
        session = door.ask("production:getProductionSession", {"sessionId": studio.finished})
        show(fetch(door, studio.finished), settings_of(door, session, parse_rate("25"), None), screen)
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert ("source in" in text) == (width >= 170)
    for told in ("01:00:10:00", "to close", "unregistered"):
        assert told in text
    assert "…" not in text


def test_parts_lie_beside_each_other(tmp_path: Path):
    parts = Rendered((File("-part1.edl", b"1"), File("-part2.edl", b"2")))
    assert write(parts, tmp_path / "show.edl") == [tmp_path / "show-part1.edl", tmp_path / "show-part2.edl"]
    assert (tmp_path / "show-part2.edl").read_bytes() == b"2"
    with pytest.raises(DoorError, match="-o"):
        content_of(parts)


def test_one_file_is_what_it_was_asked_to_be(tmp_path: Path):
    one = Rendered((File(".edl", b"1"),))
    assert write(one, tmp_path / "show.txt") == [tmp_path / "show.txt"]
    assert content_of(one) == b"1"
