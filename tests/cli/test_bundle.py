"""``ledger bundle`` and ``ledger import bundle``."""

import json
from pathlib import Path

from tests.cli.terminal import Studio, done, run


def test_a_bundle_is_the_same_by_folder_and_by_server_and_is_imported_once(studio: Studio, tmp_path: Path):
    files = [tmp_path / "by-folder", tmp_path / "by-server"]
    for file, where in zip(files, studio.places, strict=True):
        assert f"session {studio.finished}" in done("bundle", studio.finished, "-o", file, *where).err
    assert files[0].read_bytes() == files[1].read_bytes()
    target = ("--data", tmp_path / "target")
    said = done("import", "bundle", files[0], *target)
    assert said.out == f"{studio.finished}\n"
    assert "entries; imported" in said.err
    assert "is there already, with the same history" in done("import", "bundle", files[1], *target).err
    for place in (target, ("--data", studio.directory)):
        assert done("head", studio.finished, *place).answer["root"] in files[0].read_text()
    assert "nothing was touched" in done("verify", *target).out
    logs = [done("cut-log", studio.finished, "--json", *place).answer for place in (target, studio.places[0])]
    assert logs[0] == logs[1]


def test_a_bundle_can_lead_to_a_head_that_was_kept(studio: Studio, tmp_path: Path):
    place = ("--data", studio.directory)
    done("head", "-o", tmp_path / "kept", *place)
    file = tmp_path / "bundle"
    done("bundle", studio.finished, "--head", tmp_path / "kept", "-o", file, *place)
    done("import", "bundle", file, "--head", tmp_path / "kept", "--data", tmp_path / "target")
    kept = json.loads((tmp_path / "kept").read_text())
    kept["shards"][0]["position"] = 1
    (tmp_path / "kept").write_text(json.dumps(kept))
    said = run("bundle", studio.finished, "--head", tmp_path / "kept", "-o", tmp_path / "none", *place)
    assert (said.status, (tmp_path / "none").exists()) == (1, False)
    assert "atPosition: must be" in said.err
    assert "is no head of a ledger" in run("bundle", "latest", "--head", file, "-o", tmp_path / "none", *place).err


def test_a_refused_bundle_imports_nothing(studio: Studio, tmp_path: Path):
    done("bundle", studio.finished, "-o", tmp_path / "bundle", "--data", studio.directory)
    (tmp_path / "bundle").write_text((tmp_path / "bundle").read_text().replace("to close", "to clxse"))
    said = run("import", "bundle", tmp_path / "bundle", "--data", tmp_path / "target")
    assert (said.status, said.out) == (1, "")
    assert "the leaf is not that of the entry; nothing was imported" in said.err
    assert not (tmp_path / "target").exists()


def test_a_folder_that_a_server_has_open_takes_no_bundle(studio: Studio, tmp_path: Path):
    done("bundle", studio.rolling, "-o", tmp_path / "bundle", "--data", studio.directory)
    said = run("import", "bundle", tmp_path / "bundle", "--data", studio.directory)
    assert (said.status, "stop that first" in said.err, "--url" in said.err) == (1, True, False)
    said = run("import", "bundle", tmp_path / "bundle", "--url", studio.url)
    assert said.err.endswith("run it on the server's machine with --data or --database\n")


def test_what_is_no_bundle_is_told_so(tmp_path: Path):
    (tmp_path / "head").write_text("{}")
    said = run("import", "bundle", tmp_path / "head", "--data", tmp_path / "target")
    assert "no bundle or receipt as a ledger writes them" in said.err
