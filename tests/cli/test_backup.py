"""``ledger backup``."""

import json
from pathlib import Path

from tests.cli.terminal import Studio, done, run


def test_a_folder_that_a_server_has_open_is_backed_up(studio: Studio, tmp_path: Path):
    told = done("backup", tmp_path / "backup", "--json", "--data", studio.directory).answer
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert told == {"backup": str(tmp_path / "backup"), **manifest}
    assert told["sessions"] == 2
    said = run("backup", tmp_path / "backup", "--data", studio.directory)
    assert (said.status, said.out) == (1, "")
    assert "--replace" in said.err
    assert "sessions: 2" in done("backup", tmp_path / "backup", "--replace", "--data", studio.directory).out


def test_a_server_is_not_backed_up_from_afar(studio: Studio, tmp_path: Path):
    for option, environment in ((["--url", studio.url], {}), ([], {"LEDGER_URL": studio.url})):
        said = run("backup", tmp_path / "backup", *option, **environment)
        assert said.status == 1
        assert "on the server's machine with --data" in said.err
    assert not (tmp_path / "backup").exists()


def test_where_there_is_no_ledger_there_is_nothing_to_back_up(tmp_path: Path):
    said = run("backup", tmp_path / "backup", "--data", tmp_path / "none")
    assert said.status == 1
    assert "there is no ledger" in said.err
    assert list(tmp_path.iterdir()) == []
