"""Calls of pipelines and workers: captures, images that are made of images, videos, and a desktop's recordings.

A file is uploaded first, and is named here by its storageId: bytes do not go through a spool.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, Unpack

from ledger.client.calls.stating import Stating, Told, stated


class CaptureMove(TypedDict, total=False):
    person_id: str | None


class ImageMove(TypedDict, total=False):
    error: str | None


class VideoMove(TypedDict, total=False):
    progress: float | None
    error: str | None


class VideoFindings(TypedDict, total=False):
    processed_video_storage_id: str | None


class RecordingStart(TypedDict, total=False):
    pc_name: str | None


class Pipelines(Stating[Told]):
    """The writes that are of no production session. The contract gives them no time of a device's: the ledger's own counts."""

    def create_capture(self, image_url: str, source: str) -> Told:
        """Records a frame to be identified and answers its Id. Of the image only its URL is kept."""
        return self.call("captures:create", stated({}, image_url=image_url, source=source))

    def update_capture(
        self,
        id: str,  # noqa: A002  # the contract calls it so
        status: Literal["pending", "identifying", "identified", "failed"],
        **move: Unpack[CaptureMove],
    ) -> Told:
        """Says how far identification has come, and whom it has found. It moves one way; after a failure it may begin anew."""
        return self.call("captures:updateStatus", stated(move, id=id, status=status))

    def store_capture(self, data: Mapping[str, Any]) -> Told:
        """What a pipeline says of a frame, new or known, as often and in whatever order it says it; answers the frame's Id.

        ``data`` has the pipeline's own names: ``capture_id``, and where they are known ``source``, ``status``, ``person_id``.
        """
        return self.call("captures:store", {"data": dict(data)})

    def schedule_image_generation(self, storage_id: str) -> Told:
        """Records a pending image, schedules the work on it, and answers its Id."""
        return self.call("generate:scheduleImageGeneration", stated({}, storage_id=storage_id))

    def update_image_status(
        self,
        image_id: str,
        status: Literal["pending", "processing", "completed", "failed"],
        **move: Unpack[ImageMove],
    ) -> Told:
        """Moves the status of an image's generation. An error begins with its class: quota, rate limit, transient, permanent."""
        return self.call("generate:updateImageStatus", stated(move, image_id=image_id, status=status))

    def save_generated_image(self, storage_id: str, original_image_id: str) -> Told:
        """Records a result as an image that names its source; the same file again answers the same Id."""
        given = stated({}, storage_id=storage_id, original_image_id=original_image_id)
        return self.call("generate:saveGeneratedImage", given)

    def create_video(self, storage_id: str, filename: str, size: int) -> Told:
        """Records an uploaded video and answers its Id."""
        return self.call("videos:createVideo", stated({}, storage_id=storage_id, filename=filename, size=size))

    def update_video_status(
        self,
        video_id: str,
        status: Literal["uploaded", "processing", "completed", "failed"],
        **move: Unpack[VideoMove],
    ) -> Told:
        """Says how far the processing of a video is, or that it failed."""
        return self.call("videos:updateStatus", stated(move, video_id=video_id, status=status))

    def update_video_results(
        self, video_id: str, results: Mapping[str, Any], **findings: Unpack[VideoFindings]
    ) -> Told:
        """Records what was found in a video, which completes it."""
        return self.call("videos:updateResults", stated(findings, video_id=video_id, results=dict(results)))

    def create_recording(self, **start: Unpack[RecordingStart]) -> Told:
        """Records a new recording session and answers its Id."""
        return self.call("sessions:createSession", stated(start))

    def complete_recording(self, session_id: str) -> Told:
        """Ends a recording session; its document is written once every screenshot is read."""
        return self.call("sessions:completeSession", stated({}, session_id=session_id))

    def create_screenshot(self, session_id: str, filename: str, file_id: str) -> Told:
        """Records a screenshot, schedules reading it, and answers its Id."""
        given = stated({}, session_id=session_id, filename=filename, file_id=file_id)
        return self.call("screenshots:createScreenshot", given)

    def store_ocr_result(self, screenshot_id: str, text: str) -> Told:
        """Records what was read on a screenshot; the newest text is its result."""
        return self.call("ocrResults:storeResult", stated({}, screenshot_id=screenshot_id, text=text))

    def store_documentation(self, session_id: str, content: str) -> Told:
        """Records a document of a recording session; the newest is its documentation."""
        return self.call("documentation:storeDocumentation", stated({}, session_id=session_id, content=content))
