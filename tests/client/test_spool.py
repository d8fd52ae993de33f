"""The spool: numbered without a gap, in batches that no crash changes, and never larger than it may be."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ledger.client import spool as module
from ledger.client.failures import (
    SpoolDeviceError,
    SpoolFailedError,
    SpoolFullError,
    SpoolInUseError,
    WriterClosedError,
)
from ledger.client.outbox import Outbox
from tests.client.spools import batches, cut, moment, open_spool


def test_numbers_go_on_where_they_were(tmp_path: Path):
    spool = open_spool(tmp_path)
    assert [spool.append([cut(n)]) for n in range(3)] == [1, 2, 3]
    Outbox(spool).acknowledge(spool.take(), ["s-e1", "s-e2", "s-e3"])
    spool.close()
    spool = open_spool(tmp_path)
    assert spool.pending == 0
    assert spool.append([cut(), cut()]) == 4, "also where everything before was taken"
    spool.close()
    assert open_spool(tmp_path).pending == 2


def test_one_writer_has_it_at_a_time(tmp_path: Path):
    spool = open_spool(tmp_path)
    with pytest.raises(SpoolInUseError):
        open_spool(tmp_path)
    spool.close()
    open_spool(tmp_path).close()


@pytest.mark.parametrize("name", ["", "cam 2", "a:b", ".hidden", "x" * 65, "kamera-ö"])
def test_a_device_has_a_name_that_travels(tmp_path: Path, name: str):
    with pytest.raises(SpoolDeviceError, match="no name of a device"):
        module.Spool(tmp_path, name)


def test_what_many_threads_record_is_numbered_once_each(tmp_path: Path):
    spool = open_spool(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda n: spool.append([cut(n), moment(n)]), range(100)))
    assert sorted(numbers) == list(range(1, 201, 2))
    assert list(chain.from_iterable(batches(spool))) == list(range(1, 201))


def test_what_is_recorded_together_is_synced_once(tmp_path: Path):
    spool = open_spool(tmp_path)
    statements: list[str] = []
    spool.connection.set_trace_callback(statements.append)
    waiting = [module.Waiting([cut(n)]) for n in range(5)]
    for each in waiting:
        spool.enqueue(each)
    spool.commit()
    assert [each.first for each in waiting] == [1, 2, 3, 4, 5]
    assert statements.count("COMMIT") == 1


def test_a_full_spool_refuses_and_has_room_again(tmp_path: Path):
    spool = open_spool(tmp_path, limit_bytes=1_000)
    while spool.size < 900:
        spool.append([cut()])
    held = spool.pending
    with pytest.raises(SpoolFullError, match="of 1000"):
        spool.append([cut()])
    Outbox(spool).acknowledge(spool.take(), [f"s-e{n}" for n in range(1, held + 1)])
    assert spool.append([cut()]) == held + 1, "what was refused has no number"


def test_a_disk_that_is_full_costs_no_number(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut()])
    pages: Any = spool.connection.execute("PRAGMA page_count").fetchone()[0]
    spool.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(SpoolFailedError, match="nothing was recorded: database or disk is full"):
        spool.append([cut(metadata="x" * 100_000)])
    spool.connection.execute("PRAGMA max_page_count = 1000000")
    assert spool.append([cut()]) == 2
    assert batches(spool) == [[1, 2]]
    assert spool.pending == 2


def test_closed_it_takes_nothing(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.close()
    spool.close()
    with pytest.raises(WriterClosedError, match="nothing was recorded"):
        spool.append([cut()])
    with pytest.raises(sqlite3.ProgrammingError):
        spool.connection.execute("SELECT 1")
