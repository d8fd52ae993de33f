from ledger.domain.files import FileStored, UploadGranted
from ledger.log.files import Kept, is_recorded, kept_files
from tests.log.opened import OpenLog

DIGEST, OTHER = "ab" * 32, "cd" * 32
granted = UploadGranted(token_sha256=OTHER, bytes_max=10, life_ms=1000)


def test_the_log_knows_what_was_stored_and_nothing_that_was_only_let_in(opened: OpenLog):
    opened.append(granted, FileStored(sha256=DIGEST, size=5, content_type="image/png"), partition="f1")
    opened.append(granted, partition="f2")
    opened.append(granted, FileStored(sha256=DIGEST, size=5, content_type="text/plain"), partition="f3")
    with opened.log.snapshot() as connection:
        assert list(kept_files(connection)) == [Kept("f1", DIGEST, 5), Kept("f3", DIGEST, 5)]
        assert is_recorded(connection, DIGEST)
        assert not is_recorded(connection, OTHER)
