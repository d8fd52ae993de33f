"""``ledger head`` and ``ledger proof``: kept elsewhere, and held against the ledger later."""

import json
from pathlib import Path

from tests.cli.terminal import Studio, done, run


def test_a_head_is_kept_and_holds(studio: Studio, tmp_path: Path):
    kept = tmp_path / "kept.json"
    for where in studio.places:
        assert done("head", *where).answer["shards"][0]["position"] > 0
        assert done("head", "-o", kept, *where).out == ""
        said = done("verify", "--head", kept, "--data", studio.directory)
        assert f"head {kept}" in said.out
    of_session = done("head", studio.finished[:20], "--url", studio.url).answer
    assert of_session["sessionId"] == studio.finished
    kept.write_text(json.dumps({**of_session, "root": "00" * 32}))
    said = run("verify", "--head", kept, "--data", studio.directory)
    assert said.status == 1
    assert "another history" in said.err


def test_a_receipt_is_a_kept_head_too(studio: Studio, tmp_path: Path):
    receipts = [done("proof", f"{studio.finished}-e4", *where).answer for where in studio.places]
    assert receipts[0] == receipts[1]
    assert receipts[0]["entry"]["sequence"] == 4
    done("proof", f"{studio.finished}-e4", "-o", tmp_path / "receipt", "--url", studio.url)
    done("verify", "--head", tmp_path / "receipt", "--data", studio.directory)


def test_nothing_has_no_receipt(studio: Studio):
    said = run("proof", f"{studio.finished}-e400", "--data", studio.directory)
    assert (said.status, said.out) == (1, "")
    assert "eventId: nothing was recorded under" in said.err
