from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ledger.pictures.video import VideoUnreadableError, frames, picture_at, probe
from tests.pictures.filming import FRAME_MS, SIZE, film


def numbered(count: int) -> list[Any]:
    """Frames that grow brighter one by one, so that each can be told."""
    return [np.full((SIZE[1], SIZE[0], 3), 20 + 4 * number, np.uint8) for number in range(count)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "film.mp4", numbered(50))


def test_a_video_says_what_it_is(path: Path):
    facts = probe(path)
    assert (facts.width, facts.height, facts.frame_count, facts.codec) == (*SIZE, 50, "mpeg4")
    assert facts.rate == 25
    assert facts.duration_ms == pytest.approx(2_000)


def test_frames_come_with_their_times(path: Path):
    found = list(frames(path, 20 * FRAME_MS, 24 * FRAME_MS))
    assert [round(frame.ms / FRAME_MS) for frame in found] == [20, 21, 22, 23, 24]
    assert [round((frame.grey.mean() - 20) / 4) for frame in found] == pytest.approx([20, 21, 22, 23, 24], abs=1)
    assert len(list(frames(path, -1000, 10_000))) == 50
    assert list(frames(path, 5_000, 6_000)) == []


def test_a_frame_is_had_whole(path: Path):
    (wanted,) = frames(path, 30 * FRAME_MS, 30 * FRAME_MS)
    pixels = cv2.imdecode(np.frombuffer(picture_at(path, wanted.ms), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.shape == (SIZE[1], SIZE[0], 3)
    assert abs(float(pixels.mean()) - (20 + 4 * 30)) < 4
    with pytest.raises(VideoUnreadableError, match="no frame"):
        picture_at(path, 60_000)


@pytest.mark.parametrize("content", [b"", b"no video", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"])
def test_what_is_no_video_says_so(tmp_path: Path, content: bytes):
    (tmp_path / "film.mp4").write_bytes(content)
    for read in (probe, lambda path: list(frames(path, 0, 1)), lambda path: picture_at(path, 0)):
        with pytest.raises(VideoUnreadableError, match="is no video"):
            read(tmp_path / "film.mp4")
