"""Reel names: what an edit decision list calls a camera, in at most eight characters."""

import unicodedata
from collections.abc import Iterable
from typing import Final

REEL_LENGTH_MAX: Final = 8
BLACK: Final = "BL"
_SPECIAL: Final = frozenset({"AX", "BARS", "BL", "BLACK", "NONE"})
"""Source names that mean something else to every reader: no camera may be called that."""


def reels(camera_ids: Iterable[str]) -> dict[str, str]:
    """A reel of its own for every camera: ``[A-Z0-9]``, at most eight characters, the same whenever the cameras are.

    A camera whose own name already is a reel keeps it, whatever the others are called.
    """
    cameras = sorted(set(camera_ids))
    named = {camera: _letters(camera) for camera in cameras}
    taken = {camera for camera in cameras if camera and named[camera] == camera and camera not in _SPECIAL}
    chosen = {camera: camera for camera in taken}
    for camera in cameras:
        if camera not in chosen:
            chosen[camera] = _free(named[camera] or "CAM", taken)
            taken.add(chosen[camera])
    return chosen


def _letters(camera_id: str) -> str:
    plain = unicodedata.normalize("NFKD", camera_id).upper()
    return "".join(character for character in plain if character.isascii() and character.isalnum())[:REEL_LENGTH_MAX]


def _free(wanted: str, taken: set[str]) -> str:
    reel, number = wanted, 1
    while reel in taken or reel in _SPECIAL:
        number += 1
        reel = wanted[: REEL_LENGTH_MAX - len(str(number))] + str(number)
    return reel
