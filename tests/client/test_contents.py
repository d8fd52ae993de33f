"""Whoever looks into a spool sees one moment of it, and is in nobody's way."""

import sqlite3
from pathlib import Path

import pytest

from ledger.client.contents import look_into
from ledger.client.failures import SpoolError, SpoolFailedError
from ledger.client.outbox import Outbox
from ledger.client.store import FILE
from tests.client.spools import cut, moment, open_spool


def test_it_is_seen_as_it_is_whether_a_writer_has_it_or_not(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([moment()])
    Outbox(spool).set_aside(spool.take(), "not_found", "no such session")
    spool.append([cut(), cut()])
    seen = look_into(tmp_path)
    assert (seen.device, seen.name) == (spool.device, spool.name)
    assert seen.counted == (4, 3, spool.size)
    assert [(each.number, each.code) for each in seen.aside] == [(1, "not_found")]
    spool.close()
    assert look_into(tmp_path) == seen


def test_looking_holds_up_no_writer_and_makes_nothing(tmp_path: Path):
    with pytest.raises(SpoolError, match="there is no spool"):
        look_into(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    spool = open_spool(tmp_path)
    spool.append([cut()])
    looking = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    looking.execute("BEGIN")
    assert looking.execute("SELECT count(*) FROM facts").fetchone() == (1,)
    assert spool.append([cut()]) == 2
    looking.close()


def test_what_is_no_spool_is_told(tmp_path: Path):
    (tmp_path / FILE).write_text("not a database, and more than a few bytes of it")
    with pytest.raises(SpoolFailedError, match="cannot be read"):
        look_into(tmp_path)
