"""A video as its frames: what it is, the brightness of its frames from one moment to another, and single frames as pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from ledger.pictures.measures import MEASURED_WIDTH, Grey

JPEG_QUALITY: Final = 95


class VideoUnreadableError(Exception):
    """The file is no video, or cannot be decoded."""


class VideoFacts(NamedTuple):
    """What a video says of itself."""

    duration_ms: float
    width: int
    height: int
    rate: float
    """Frames a second, on average."""
    frame_count: int
    """As its container says, else by its duration and rate."""
    codec: str


class Frame(NamedTuple):
    """One frame, by its brightness."""

    ms: float
    """Since the video's first frame."""
    grey: Grey


def probe(path: Path) -> VideoFacts:
    """What a video is, without decoding it. Raises VideoUnreadableError."""
    with _opened(path) as (container, stream):
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        ticks = stream.duration * stream.time_base if stream.duration and stream.time_base else None
        seconds = float(ticks) if ticks is not None else (container.duration or 0) / 1_000_000
        return VideoFacts(
            duration_ms=seconds * 1000,
            width=stream.width,
            height=stream.height,
            rate=rate,
            frame_count=stream.frames or round(seconds * rate),
            codec=stream.codec_context.name,
        )


def frames(path: Path, start_ms: float, end_ms: float) -> Iterator[Frame]:
    """The frames from one moment to another, both included, one at a time. Raises VideoUnreadableError."""
    with _opened(path) as (container, stream):
        for ms, frame in _decoded(container, stream, start_ms):
            if ms > end_ms:
                return
            if ms >= start_ms:
                height = max(2, round(stream.height * MEASURED_WIDTH / stream.width))
                # Neither larger than it is: what was not filmed is not sharp.
                size = (MEASURED_WIDTH, height) if stream.width > MEASURED_WIDTH else (stream.width, stream.height)
                yield Frame(ms, frame.reformat(*size, format="gray").to_ndarray().astype(np.uint8, copy=False))


def picture_at(path: Path, ms: float) -> bytes:
    """The frame at a moment that ``frames`` has told of, whole, as a JPEG. Raises VideoUnreadableError."""
    with _opened(path) as (container, stream):
        for at, frame in _decoded(container, stream, ms):
            if at >= ms:
                return encoded(frame.to_ndarray(format="bgr24"))
    raise VideoUnreadableError(f"{path} has no frame at {ms:.0f} ms")


def encoded(pixels: Any) -> bytes:
    """Pixels, in the order that OpenCV has them in, as a JPEG."""
    is_encoded, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert is_encoded, "pixels can be encoded"
    return np.asarray(jpeg).tobytes()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        # Only this one file: some formats name others, which need not even be on this machine.
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            if not container.streams.video:
                raise VideoUnreadableError(f"{path} has no pictures in it")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            yield container, stream
    except (av.FFmpegError, ValueError) as failure:
        raise VideoUnreadableError(f"{path} is no video that can be read: {failure}") from failure


def _decoded(container: InputContainer, stream: VideoStream, from_ms: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with their times, from the last key frame before a moment on."""
    assert stream.time_base is not None, "a stream of pictures has a clock"
    first = (stream.start_time or 0) * stream.time_base
    container.seek(int((from_ms / 1000 + float(first)) / float(stream.time_base)), stream=stream, backward=True)
    for frame in container.decode(stream):
        if frame.pts is not None:
            yield float((frame.pts * stream.time_base - first) * 1000), frame
