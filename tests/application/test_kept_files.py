"""Files checked against the log: each way in which bytes may not be what was brought."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.application.kept_files import check_files, copy_files, missing_files
from ledger.bootstrap import FILES_FOLDER, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.storage.folder import FolderStore, place_of
from tests.application.asking import Asking
from tests.application.test_files import HELLO, bring, token_of

DIGEST = sha256(HELLO).hexdigest()


class Shelf:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = FolderStore(directory / FILES_FOLDER)
        self.file = place_of(directory / FILES_FOLDER, DIGEST)
        with open_for_writing(directory, Vocabulary()) as ledger:
            ask = Asking(ledger)
            self.storage_ids = [bring(ledger.files, token_of(ask)) for _ in range(2)]
            bring(ledger.files, token_of(ask), b"other")

    def check(self) -> tuple[str, list[str]]:
        with open_for_writing(self.directory, Vocabulary()) as ledger, ledger.log.snapshot() as connection:
            check = check_files(connection, self.store)
        return check.told, [fault.rule for fault in check.faults]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_what_was_brought_is_kept(shelf: Shelf):
    assert shelf.check() == ("3, 10 bytes", [])


def _turn_a_bit(file: Path) -> None:
    file.write_bytes(b"jello")


def _cut_off(file: Path) -> None:
    file.write_bytes(HELLO[:-1])


@pytest.mark.parametrize(
    ("harm", "told"), [(Path.unlink, "are missing"), (_turn_a_bit, "are not those that came"), (_cut_off, "4 are kept")]
)
def test_whatever_happened_to_the_bytes_is_told_of_every_file_that_had_them(
    shelf: Shelf, harm: Callable[[Path], None], told: str
):
    shelf.file.chmod(0o600)
    harm(shelf.file)
    _, faults = shelf.check()
    assert len(faults) == 2
    for storage_id, fault in zip(shelf.storage_ids, faults, strict=True):
        assert storage_id in fault
        assert told in fault


def test_what_no_fact_names_is_told_and_is_no_fault(shelf: Shelf):
    incoming = shelf.store.receive()
    incoming.write(b"nobody's")
    incoming.keep()
    incoming.settle()
    assert shelf.check() == ("3, 10 bytes; 1 kept that no fact names", [])


class Copied(Shelf):
    """The files of a ledger, and what was copied of them."""

    def copy(self) -> tuple[int, int, int, list[str]]:
        self.target = FolderStore(self.directory / "copies")
        with open_for_writing(self.directory, Vocabulary()) as ledger, ledger.log.snapshot() as connection:
            _, copied, size, were_there, faults = copy_files(connection, self.store, self.target)
            self.missing = missing_files(connection, self.target)
        return copied, size, were_there, [fault.rule for fault in faults]


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    return Copied(tmp_path)


def test_what_is_there_is_not_copied_again(copied: Copied):
    assert copied.copy() == (2, 10, 0, [])
    assert copied.copy() == (0, 0, 2, [])
    with open_for_writing(copied.directory, Vocabulary()) as ledger:
        bring(ledger.files, token_of(Asking(ledger)), b"new")
    assert copied.copy() == (1, 3, 2, [])
    assert copied.missing == (4, [])
    assert b"".join(copied.target.read(DIGEST, 0, 5)) == HELLO


@pytest.mark.parametrize(
    ("harm", "told"), [(Path.unlink, "are missing"), (_turn_a_bit, "not those that came"), (_cut_off, "not those")]
)
def test_what_cannot_be_copied_is_told_and_the_rest_is_copied(copied: Copied, harm: Callable[[Path], None], told: str):
    copied.file.chmod(0o600)
    harm(copied.file)
    count, _, _, faults = copied.copy()
    assert count == 1
    assert [told in fault for fault in faults] == [True, True]
    assert list(copied.target.digests()) == [sha256(b"other").hexdigest()]
    assert copied.missing[0] == 3
    assert [storage_id in fault.rule for storage_id, fault in zip(copied.storage_ids, copied.missing[1], strict=True)]


def test_half_a_copy_is_not_taken_for_a_whole_one(copied: Copied):
    half = place_of(copied.directory / "copies", DIGEST)
    half.parent.mkdir(parents=True)
    half.write_bytes(b"hel")
    assert [f"keeps 3 bytes of its {len(HELLO)}" in fault for fault in copied.copy()[3]] == [True, True]
