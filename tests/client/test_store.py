import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.client.failures import SpoolDeviceError, SpoolError, SpoolFailedError
from ledger.client.store import FILE, LOG_PAGES, open_store, transaction


def test_it_is_made_once_for_one_device(tmp_path: Path):
    with pytest.raises(SpoolError, match="no spool here"):
        open_store(tmp_path, None)
    made, device, name = open_store(tmp_path, "cam-2")
    made.close()
    again, *found = open_store(tmp_path, None)
    again.close()
    assert found == [device, name] == ["cam-2", name]
    with pytest.raises(SpoolDeviceError, match="the spool of 'cam-2', not of 'cam-3'"):
        open_store(tmp_path, "cam-3")


def test_two_spools_have_two_names(tmp_path: Path):
    names = set()
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        store, _, name = open_store(folder, "cam-2")
        store.close()
        names.add(name)
    assert len(names) == 2, "one that begins at 1 again must not be taken for one that was lost"


def test_a_transaction_is_all_or_nothing(tmp_path: Path):
    store, *_ = open_store(tmp_path, "cam-2")
    with closing(store):
        with pytest.raises(sqlite3.IntegrityError), transaction(store):
            store.executemany("INSERT INTO acknowledged VALUES (?, 1, NULL)", [(1,), (1,)])
        assert store.execute("SELECT count(*) FROM acknowledged").fetchone() == (0,)


def test_its_log_is_as_long_as_it_will_get_before_anything_is_recorded(tmp_path: Path):
    store, *_ = open_store(tmp_path, "cam-2")
    with closing(store):
        store.execute("PRAGMA synchronous = OFF")  # it makes no file longer or shorter
        length = (tmp_path / f"{FILE}-wal").stat().st_size
        for number in range(LOG_PAGES - 10):
            store.execute("UPDATE spool SET protected = ?", (number,))
        assert (tmp_path / f"{FILE}-wal").stat().st_size == length
        assert store.execute("SELECT count(*) FROM acknowledged").fetchone() == (0,), "nothing came of making it long"


def test_it_is_durable_and_of_a_version(tmp_path: Path):
    store, *_ = open_store(tmp_path, "cam-2")
    assert store.execute("PRAGMA synchronous").fetchone() == (2,)
    store.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(SpoolError, match="later version"):
        open_store(tmp_path, None)


def test_what_is_no_spool_is_said_to_be_none(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(SpoolFailedError, match="cannot be used: file is not a database"):
        open_store(tmp_path, "cam-2")
