"""Things: captures, jobs, images, videos and recordings, as all that stands in one partition has left them.

Folded in memory by the nouns' own rules, with no view in between, as a shoot is by ``as_of``.
"""

from typing import Any

from ledger.domain import captures, images, jobs, recordings, videos
from ledger.domain.activity import Activity, activity_of
from ledger.domain.captures import Capture, CaptureChanged, CaptureRecorded
from ledger.domain.entries import Entry
from ledger.domain.ids import make_id
from ledger.domain.images import Image
from ledger.domain.jobs import Job, JobChanged, JobScheduled
from ledger.domain.recordings import (
    Documentation,
    DocumentationWritten,
    OcrResult,
    Recording,
    RecordingEvent,
    Screenshot,
    ScreenshotAdded,
    ScreenshotRead,
    documentation_of,
    ocr_result_of,
    screenshot_of,
)
from ledger.domain.videos import Video


class Things:
    """Grows entry by entry, in sequence order from the first. What is none of these, a file or a key, it passes over."""

    def __init__(self) -> None:
        self.captures: dict[int, Capture] = {}
        """By the sequence at which each was recorded; and so the lines of the activity log."""
        self.activity: dict[int, Activity] = {}
        self.jobs: dict[str, Job] = {}
        """By their Ids, as all that follow."""
        self.images: dict[str, Image] = {}
        self.videos: dict[str, Video] = {}
        self.recordings: dict[str, Recording] = {}
        self.screenshots: dict[str, Screenshot] = {}
        self.texts: dict[str, OcrResult] = {}
        """By the Ids of the screenshots that they were read on."""
        self.documentation: dict[str, Documentation] = {}
        """The newest, by the Id of its recording."""

    def carry(self, entry: Entry) -> None:
        event: Any = entry.event
        match event:
            case CaptureRecorded():
                self.captures[entry.sequence] = captures.evolve(None, entry)
            case CaptureChanged():
                self.captures[event.capture] = captures.evolve(self.captures[event.capture], entry)
            case JobScheduled():
                self.jobs[make_id(entry.partition, "job", entry.sequence)] = jobs.evolve(None, entry)
            case JobChanged():
                job_id = make_id(entry.partition, "job", event.job)
                self.jobs[job_id] = jobs.evolve(self.jobs[job_id], entry)
            case images.ImageAdded() | images.ImageGenerated():
                image = images.evolve(None, entry)
                self.images[image.id] = image
            case videos.VideoCreated() | videos.VideoResultsRecorded():
                self.videos[entry.partition] = videos.evolve(self.videos.get(entry.partition), entry)
            case RecordingEvent():
                self._record(entry, event)
            case _:
                pass
        if (line := activity_of(entry)) is not None:
            self.activity[entry.sequence] = line

    def _record(self, entry: Entry, event: RecordingEvent) -> None:
        recording_id = entry.partition
        self.recordings[recording_id] = recordings.evolve(self.recordings.get(recording_id), entry)
        match event:
            case ScreenshotAdded():
                shot = screenshot_of(entry)
                self.screenshots[shot.id] = shot
            case ScreenshotRead():
                read_on = make_id(recording_id, "screenshot", event.screenshot)
                self.texts[read_on] = ocr_result_of(entry, self.texts.get(read_on))
            case DocumentationWritten():
                self.documentation[recording_id] = documentation_of(entry)
            case _:
                pass
