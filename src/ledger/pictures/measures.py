"""How good a frame is as a still: how sharp, how well exposed, how still. Measured on pixels, and named for what is measured.

Nothing here has seen a face or a pose: no model is asked. A change of any formula is another version of SCORER.
"""

from math import exp
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SCORER: Final = "frame-measures 1"
Grey = NDArray[np.uint8]
"""Brightness, a byte a pixel."""

MEASURED_WIDTH: Final = 640
"""Frames are measured at this width, so that a measure does not depend on how large the video is."""
MOTION_WIDTH: Final = 160
SHARPNESS_HALF: Final = 120.0
"""The Laplacian's variance at which a frame counts as half sharp."""
MOTION_HALF: Final = 6.0
"""The mean change of brightness, of 255, between neighbouring frames at which a frame counts as half still."""
_DARK, _BRIGHT = 8, 247
_SHARE: Final = {"sharpness": 0.5, "exposure": 0.2, "stillness": 0.3}


class Measures(NamedTuple):
    """Each from 0 to 1, with what was measured for it."""

    sharpness: float
    exposure: float
    stillness: float
    laplacian_variance: float
    clipped: float
    """The share of pixels that are black or white to the end, whose detail is lost."""
    motion: float
    """The mean change of brightness from the frame before and to the one after, whichever is greater."""

    @property
    def score(self) -> float:
        """All of them in one number, for putting frames in order: a weighted mean."""
        weighted = _SHARE["sharpness"] * self.sharpness + _SHARE["exposure"] * self.exposure
        return round(weighted + _SHARE["stillness"] * self.stillness, 6)

    def components(self) -> dict[str, float]:
        """As they are kept with a still, for whoever asks why it was chosen."""
        named = {
            "sharpness": self.sharpness,
            "exposure": self.exposure,
            "stillness": self.stillness,
            "laplacianVariance": self.laplacian_variance,
            "clippedShare": self.clipped,
            "motion": self.motion,
        }
        return {name: round(value, 6) for name, value in named.items()}


def measure(before: Grey | None, frame: Grey, after: Grey | None) -> Measures:
    """The measures of a frame, told from its neighbours; at an end of the video from the one that there is."""
    variance = float(cv2.Laplacian(frame, cv2.CV_64F).var())
    clipped = float(((frame <= _DARK) | (frame >= _BRIGHT)).mean())
    moved = max((_motion(frame, other) for other in (before, after) if other is not None), default=0.0)
    return Measures(
        sharpness=1 - exp(-variance * np.log(2) / SHARPNESS_HALF),
        exposure=_exposure(float(frame.mean()), clipped),
        stillness=1 / (1 + moved / MOTION_HALF),
        laplacian_variance=variance,
        clipped=clipped,
        motion=moved,
    )


def fingerprint(frame: Grey) -> int:
    """64 bits that are nearly the same for pictures that look nearly the same: whether brightness rises, place by place."""
    small = cv2.resize(frame, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    rises = (small[:, 1:] > small[:, :-1]).flatten()
    return int.from_bytes(np.packbits(rises).tobytes())


def difference(one: int, other: int) -> int:
    """In how many of their 64 bits two fingerprints differ."""
    return (one ^ other).bit_count()


def _exposure(mean: float, clipped: float) -> float:
    """Best where the mean is in the middle and nothing is clipped."""
    balance = 1 - abs(mean - 127.5) / 127.5
    return balance * (1 - clipped)


def _motion(one: Grey, other: Grey) -> float:
    return float(cv2.absdiff(_small(one), _small(other)).mean())


def _small(frame: Grey) -> Any:
    height = max(1, round(frame.shape[0] * MOTION_WIDTH / frame.shape[1]))
    return cv2.resize(frame, (MOTION_WIDTH, height), interpolation=cv2.INTER_AREA)
