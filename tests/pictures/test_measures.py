import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from ledger.pictures.measures import Grey, difference, fingerprint, measure
from tests.pictures.filming import stage

SHARP: Grey = cv2.cvtColor(stage(3), cv2.COLOR_BGR2GRAY)
pictures = arrays.arrays(np.uint8, (24, 32))


def blurred(sigma: float) -> Grey:
    return cv2.GaussianBlur(SHARP, (0, 0), sigma).astype(np.uint8)


def test_a_blurred_frame_is_less_sharp():
    sharpness = [measure(None, frame, None).sharpness for frame in (SHARP, blurred(1), blurred(3), blurred(9))]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 0.8
    assert sharpness[-1] < 0.1


def test_a_frame_that_moves_either_way_is_less_still():
    moved = np.roll(SHARP, 9, axis=1)
    still, before, after = (measure(*row) for row in ((SHARP,) * 3, (moved, SHARP, SHARP), (SHARP, SHARP, moved)))
    assert still.stillness == 1
    assert before.stillness == after.stillness < 0.6
    assert measure(None, SHARP, None).motion == 0, "of a single frame nothing is known to move"


@pytest.mark.parametrize("level", [0, 20, 235, 255])
def test_too_dark_or_too_bright_is_badly_exposed(level: int):
    grey = measure(None, np.full((90, 160), 128, np.uint8), None)
    assert measure(None, np.full((90, 160), level, np.uint8), None).exposure < 0.2 < grey.exposure
    assert grey.exposure > 0.99


def test_components_are_named_for_what_they_are():
    components = measure(None, SHARP, None).components()
    assert list(components) == ["sharpness", "exposure", "stillness", "laplacianVariance", "clippedShare", "motion"]
    assert not {"pose", "face", "smile"} & components.keys()


@given(pictures, pictures, pictures)
def test_every_measure_is_a_share(before: Grey, frame: Grey, after: Grey):
    found = measure(before, frame, after)
    for share in (found.sharpness, found.exposure, found.stillness, found.clipped, found.score):
        assert 0 <= share <= 1


def test_fingerprints_are_nearly_the_same_where_pictures_are():
    brighter = cv2.convertScaleAbs(SHARP, alpha=0.9, beta=10).astype(np.uint8)
    assert difference(fingerprint(SHARP), fingerprint(brighter)) <= 3
    other = cv2.cvtColor(stage(4), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    assert difference(fingerprint(SHARP), fingerprint(other)) > 12
    assert difference(0, 2**64 - 1) == 64
