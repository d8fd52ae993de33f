"""Films and screenshots made by the tests, so that what is in them is known."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, Final

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZE: Final = (480, 270)
RATE: Final = 25
FRAME_MS: Final = 1000 / RATE
HELD: Final = 3
"""For so many frames before and after a still moment hardly anything moves."""


def film(path: Path, pictures: Iterable[Any], rate: int = RATE) -> Path:
    """A video of these pictures, frame by frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.bit_rate = 8_000_000
        for pixels in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode())
    return path


def stage(seed: int) -> Any:
    """A picture with much to see in it, twice as wide as a frame: what a camera may pan over."""
    random = np.random.default_rng(seed)
    coarse = random.integers(30, 225, (18, 64, 3), dtype=np.uint8)
    return cv2.resize(coarse, (2 * SIZE[0], SIZE[1]), interpolation=cv2.INTER_NEAREST)


def performance(seconds: float, still_at: Sequence[int], seed: int = 1) -> Iterable[Any]:
    """Somebody who moves all the time, and is out of focus when moving, but for the frames at which a pose is held."""
    scenery, place = stage(seed), 0.0
    for number in range(round(seconds * RATE)):
        away = min((abs(number - still) for still in still_at), default=100)
        speed = min(12.0, max(0.0, away - 0.5) * 12 / HELD)
        place = (place + speed) % SIZE[0]
        pixels = scenery[:, int(place) : int(place) + SIZE[0]]
        yield cv2.GaussianBlur(pixels, (0, 0), 0.4 + speed / 3) if away else np.ascontiguousarray(pixels)


def screenshot(lines: Sequence[str], seed: int) -> bytes:
    """A window with some lines of text in it."""
    random = Random(seed)
    dark = random.random() < 0.5
    paper, ink = ((32, 34, 40), (225, 225, 225)) if dark else ((250, 250, 250), (20, 20, 20))
    image = Image.new("RGB", (960, 80 + 44 * len(lines)), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 960, 36), fill=(70, 90, 140))
    font = ImageFont.load_default(size=random.choice((22, 24, 26)))
    for number, line in enumerate(lines):
        draw.text((40, 56 + 44 * number), line, fill=ink, font=font)
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


Filming = Callable[[Path], Path]
