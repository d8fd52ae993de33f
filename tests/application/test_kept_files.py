"""Files checked against the log: each way in which bytes may not be what was brought."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.application.kept_files import check_files
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
