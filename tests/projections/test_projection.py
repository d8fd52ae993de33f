from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.sessions import SessionStarted
from ledger.projections.cameras import CAMERAS
from ledger.projections.projection import Batch, batched, documents_by_key
from ledger.projections.stills import STILLS
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.test_cameras import _camera
from tests.projections.viewed import Viewed


def test_documents_are_found_by_their_keys_those_that_are_there(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, _camera("a"), _camera("b"))
    viewed.step(10)
    number = viewed.rows()["cameras"][0][0]
    with viewed.views.snapshot() as snapshot:
        wanted = [(number, "a"), (number, "z"), (number, "a"), (99, "b")]
        assert documents_by_key(snapshot.connection, CAMERAS, ("session", "camera_id"), wanted).keys() == {
            (number, "a")
        }
        assert documents_by_key(snapshot.connection, STILLS, ("session", "sequence"), []) == {}


def test_a_batch_tells_entries_by_their_kinds_in_order(opened: OpenLog):
    opened.append(fact(1), STARTED, _camera("a"), fact(2), _camera("b"), STARTED)
    batch = Batch(opened.log.read(0, 0, 10), {}, shard=0, first=1, log=opened.log)
    wanted = {
        (DirectorEventRecorded,): [1, 4],
        (CameraRegistered, DirectorEventRecorded): [1, 3, 4, 5],
        (SessionStarted, CameraUpdated): [2, 6],
        (CameraUpdated,): [],
        (): [],
    }
    for kinds, sequences in wanted.items():
        found = batch.of(*kinds)
        assert [entry.sequence for entry, _ in found] == sequences
        assert all(entry.event is event for entry, event in found)
        assert batch.concerns(kinds) == bool(found or not kinds)


def test_batches_are_consecutive_and_leave_nothing_out():
    assert list(batched([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(batched([], 2)) == []
