"""The best stills of a film whose still moments are known."""

from pathlib import Path

import numpy as np
import pytest

from ledger.pictures.measures import Measures
from ledger.pictures.stills import ALIKE_BITS_MAX, APART_MS_MIN, Candidate, best, candidates
from ledger.pictures.video import Frame, frames
from tests.pictures.filming import FRAME_MS, RATE, film, performance


def candidate(ms: float, sharpness: float, fingerprint: int = 0) -> Candidate:
    return Candidate(ms, Measures(sharpness, 0.5, 0.5, 1, 0, 1), fingerprint)


def test_the_best_come_first_and_no_more_than_asked_for():
    found = [candidate(0, 0.2, 0), candidate(1_000, 0.9, 0xFFFF), candidate(2_000, 0.5, 0xFFFF0000)]
    assert [one.ms for one in best(found, 2)] == [1_000, 2_000]
    assert best([], 2) == []


def test_of_frames_that_look_the_same_only_the_best_is_taken():
    alike, other = (1 << ALIKE_BITS_MAX) - 1, (1 << ALIKE_BITS_MAX + 1) - 1
    found = [candidate(0, 0.9), candidate(1_000, 0.8, alike), candidate(2_000, 0.7, other)]
    assert [one.ms for one in best(found, 3)] == [0, 2_000]


def test_of_frames_next_to_each_other_only_the_best_is_taken():
    found = [candidate(0, 0.8), candidate(APART_MS_MIN - 1, 0.9, 2**64 - 1), candidate(2 * APART_MS_MIN, 0.7, 0xFFFF)]
    assert [one.ms for one in best(found, 3)] == [APART_MS_MIN - 1, 2 * APART_MS_MIN]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_every_frame_is_measured(count: int):
    shown = [Frame(ms, np.full((90, 160), ms, np.uint8)) for ms in range(count)]
    found = list(candidates(shown))
    assert [one.ms for one in found] == list(range(count))
    assert [one.measures.motion for one in found] == [1.0 if count > 1 else 0.0] * count


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_the_best_still_lands_within_two_frames_of_each_planted_moment(tmp_path: Path, seed: int):
    rng = np.random.default_rng(seed)
    planted = [int(base + rng.integers(-12, 13)) for base in range(50, 450, 75)]
    path = film(tmp_path / "film.mp4", performance(18.5, planted, seed))
    for moment in planted:
        around = moment + int(rng.integers(-8, 9))  # a marker is near the moment, not at it
        found = candidates(frames(path, (around - RATE) * FRAME_MS, (around + RATE) * FRAME_MS))
        (winner,) = best(found, 1)
        assert abs(winner.ms - moment * FRAME_MS) <= 2 * FRAME_MS
