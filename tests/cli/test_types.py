from pathlib import Path

from ledger.api.functions.pages import page_at
from tests.cli.terminal import done


def test_the_types_are_printed_as_a_server_shows_them():
    assert done("types").out.encode() == page_at("/api.d.ts")[1]


def test_both_files_are_written_where_a_page_takes_them_from(tmp_path: Path):
    folder = tmp_path / "convex" / "_generated"
    assert "written" in done("types", "-o", folder).err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "api.d.ts": page_at("/api.d.ts")[1],
        "api.js": page_at("/api.js")[1],
    }
