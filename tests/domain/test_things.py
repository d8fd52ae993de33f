"""What stands in a partition that is no shoot's comes to what its nouns say, thing by thing."""

from ledger.domain import captures, images, jobs, recordings, videos
from ledger.domain.captures import CaptureRecorded, CaptureReported, CaptureStatusMoved
from ledger.domain.entries import Event
from ledger.domain.files import UploadGranted
from ledger.domain.images import ImageAdded, ImageGenerated
from ledger.domain.jobs import JobFailed, JobScheduled, JobStarted
from ledger.domain.recordings import (
    DocumentationWritten,
    RecordingCompleted,
    RecordingStarted,
    ScreenshotAdded,
    ScreenshotRead,
    ScreenshotUnreadable,
)
from ledger.domain.things import Things
from ledger.domain.videos import VideoCreated, VideoResultsRecorded
from tests.recordings import Recording

FRAME = CaptureRecorded(image_url="frame-7", source="telegram", status="pending")
WORK = JobScheduled(kind="ocr", attempts_max=3, lease_ms=9_000, backoff_ms=10)


def told(partition: str, *events: Event) -> tuple[Things, Recording]:
    recording, things = Recording(partition), Things()
    for event in events:
        recording.record(event)
        things.carry(recording.entries[-1])
    return things, recording


def test_captures_stand_as_they_were_left_and_every_line_of_their_activity_is_told():
    moved, reported = CaptureStatusMoved(capture=1, status="identifying"), CaptureReported(capture=1, person_id="ann")
    things, recording = told("c1", FRAME, FRAME, moved, reported)
    first = captures.evolve(None, recording.entries[0])
    for entry in recording.entries[2:]:
        first = captures.evolve(first, entry)
    assert things.captures == {1: first, 2: captures.evolve(None, recording.entries[1])}
    assert [(at, line.message) for at, line in things.activity.items()] == [
        (1, "New face captured via telegram"),
        (2, "New face captured via telegram"),
        (3, "Capture is identifying"),
    ]


def test_jobs_of_one_partition_are_told_apart():
    started = JobStarted(job=2, attempt=1, worker="w", lease_ms=9_000)
    things, recording = told("v1", WORK, WORK, started, JobFailed(job=1, attempt=0, failure="quota", error="none left"))
    entries = recording.entries
    assert things.jobs == {
        "v1-j1": jobs.evolve(jobs.evolve(None, entries[0]), entries[3]),
        "v1-j2": jobs.evolve(jobs.evolve(None, entries[1]), entries[2]),
    }


def test_an_image_and_its_results_are_images_each():
    things, recording = told("i1", ImageAdded(body="f1"), WORK, ImageGenerated(body="f2"))
    assert things.images == {"i1": images.evolve(None, recording.entries[0]), "i1-i3": things.images["i1-i3"]}
    assert things.images["i1-i3"].original_image_id == "i1"
    assert list(things.jobs) == ["i1-j2"]


def test_a_video_has_its_results():
    things, recording = told(
        "v1", VideoCreated(storage_id="f1", filename="a.mp4", size=7), VideoResultsRecorded(results={"cuts": 3})
    )
    first, last = recording.entries
    assert things.videos == {"v1": videos.evolve(videos.evolve(None, first), last)}
    assert things.videos["v1"].results == {"cuts": 3}


def test_a_recording_has_screenshots_the_newest_text_of_each_and_the_newest_document():
    things, recording = told(
        "r1",
        RecordingStarted(session_id="uuid"),
        ScreenshotAdded(filename="1.png", file_id="f1"),
        ScreenshotAdded(filename="2.png", file_id="f2"),
        ScreenshotRead(screenshot=2, text="firts"),
        ScreenshotUnreadable(screenshot=3, error="blurred"),
        RecordingCompleted(),
        DocumentationWritten(content="# Old"),
        ScreenshotRead(screenshot=2, text="first"),
        DocumentationWritten(content="# New"),
    )
    (whole,), (text,), (document,) = things.recordings.values(), things.texts.values(), things.documentation.values()
    assert (whole.status, whole.screenshots) == ("completed", {2: True, 3: True})
    shots = [recordings.screenshot_of(entry) for entry in recording.entries[1:3]]
    assert things.screenshots == {shot.id: shot for shot in shots}
    assert (text.text, text.screenshot_id) == ("first", shots[0].id)
    assert text.creation_time == recording.entries[3].recorded_at
    assert document.content == "# New"


def test_what_is_none_of_these_is_passed_over():
    grant = UploadGranted(token_sha256="0" * 64, bytes_max=9, life_ms=5)
    assert vars(told("f1", grant)[0]) == vars(Things())
