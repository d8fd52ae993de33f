from ledger.domain.activity import activity_of
from ledger.domain.captures import CaptureRecorded, CaptureReported, CaptureStatusMoved, partition_of
from ledger.domain.entries import Entry, Event


def told(event: Event) -> str | None:
    entry = Entry(partition_of("f"), 3, 7, "ann", None, None, event, "")
    line = activity_of(entry)
    return line.to_json() if line else None


def test_a_new_capture_is_told_with_where_it_is_from():
    assert told(CaptureRecorded(image_url="f", source="glasses_stream", status="pending")) == (
        f'{{"_id":"{partition_of("f")}-y3","_creationTime":7,"type":"capture",'
        '"message":"New face captured via glasses_stream","timestamp":7}'
    )


def test_a_move_is_told_with_whom_it_found():
    line = told(CaptureStatusMoved(capture=1, status="identified", person_id="ann"))
    assert line is not None
    assert line.endswith('"type":"status","message":"Capture is identified","timestamp":7,"personId":"ann"}')


def test_a_pipelines_report_of_what_is_known_is_no_news():
    assert told(CaptureReported(capture=1, said="pending")) is None
