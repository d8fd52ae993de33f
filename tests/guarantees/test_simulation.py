"""A ledger on a disk that loses, tears, fills up and fails keeps its word; broken builds are seen not to."""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.careless import careless
from tests.guarantees.interception import why_not
from tests.guarantees.recovery import assert_survives
from tests.guarantees.simulation import Life

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def _live(seeds: Iterable[int], power_cuts: int) -> None:
    for seed in seeds:
        with TemporaryDirectory() as folder:
            chance = Random(seed)
            try:
                life = Life(seed, Path(folder) / "life")
                for number, moment in enumerate(life.moments(chance, power_cuts)):
                    assert_survives(life, moment, chance, Path(folder) / f"cut-{number}")
            except Exception as error:
                error.add_note(f"seed {seed}")
                raise


def test_what_was_acknowledged_survives_every_power_cut():
    _live([0, 20], power_cuts=3)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_what_was_acknowledged_survives_every_power_cut_of_hundreds_of_lives():
    _live(range(1_000, 1_400), power_cuts=10)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("unsynced", "was acknowledged|malformed|UNIQUE constraint failed: epochs"),
        ("acknowledged-early", "was acknowledged|there is no session"),
        ("batch-in-parts", "is there in part|was told: nothing was recorded"),
        pytest.param("gap-after-failure", "sequences of s", marks=pytest.mark.long),
        ("checkpoint-apart", "UNIQUE constraint failed|the tree of shard"),
    ],
)
def test_a_careless_build_is_found_out_on_such_a_disk(fault: str, complaint: str):
    with careless(fault), pytest.raises(Exception, match=complaint) as found:
        _live(range(40), power_cuts=4)
    assert any(note.startswith("seed ") for note in found.value.__notes__)
