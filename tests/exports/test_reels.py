import re

from hypothesis import given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from ledger.exports.reels import reels


@of_hypothesis(deadline=None)
@given(st.lists(st.text(max_size=12)))
def test_every_camera_has_a_reel_of_its_own(cameras):
    chosen = reels(cameras)
    assert chosen.keys() == set(cameras)
    assert len(set(chosen.values())) == len(chosen)
    assert all(re.fullmatch(r"[A-Z0-9]{1,8}", reel) for reel in chosen.values())
    assert not {"AX", "BL", "BLACK", "BARS", "NONE"} & set(chosen.values())
    assert reels(reversed(cameras)) == chosen


def test_a_reel_is_read_off_the_camera():
    assert reels(["cam-1", "Kamera große Halle"]) == {"cam-1": "CAM1", "Kamera große Halle": "KAMERAGR"}


def test_a_camera_that_is_named_like_a_reel_keeps_its_name():
    assert reels(["cam-1", "CAM1", "cam 1"]) == {"CAM1": "CAM1", "cam 1": "CAM12", "cam-1": "CAM13"}


def test_long_names_that_begin_alike_are_told_apart():
    assert sorted(reels(f"profile camera {side}" for side in ("left", "right")).values()) == ["PROFILE2", "PROFILEC"]


def test_no_camera_is_called_black():
    assert reels(["bl", "", "…"]) == {"bl": "BL2", "": "CAM", "…": "CAM2"}
