"""Text in screenshots that the tests made, so that every word in them is known."""

import re
from collections import Counter
from random import Random

import pytest

from ledger.pictures.text import PictureUnreadableError, Piece, TextReader, lines_of
from tests.pictures.filming import screenshot

WORDS = sorted(
    {
        *("open", "the", "settings", "window", "and", "choose", "a", "camera", "then", "press", "record", "before"),
        *("every", "take", "check", "that", "the", "battery", "is", "full", "save", "project", "under", "new"),
        *(
            "name",
            "import",
            "footage",
            "from",
            "card",
            "select",
            "timeline",
            "drag",
            "clip",
            "export",
            "master",
            "file",
        ),
        *(
            "as",
            "video",
            "share",
            "link",
            "with",
            "client",
            "close",
            "application",
            "network",
            "address",
            "password",
            "confirm",
        ),
        *(
            "delete",
            "cancel",
            "continue",
            "preview",
            "audio",
            "level",
            "meter",
            "channel",
            "left",
            "right",
            "volume",
            "mute",
        ),
        *(
            "solo",
            "marker",
            "sequence",
            "frame",
            "rate",
            "resolution",
            "format",
            "codec",
            "bitrate",
            "quality",
            "render",
            "queue",
        ),
    }
)


def test_pieces_are_read_from_above_and_from_the_left():
    pieces = [
        Piece("world", 60, 2, 12),
        Piece("below", 0, 20, 30),
        Piece("hello", 0, 0, 10),
        Piece("right", 50, 24, 34),
    ]
    assert [[piece.text for piece in line] for line in lines_of(pieces)] == [["hello", "world"], ["below", "right"]]
    assert list(lines_of([])) == []


def test_what_only_touches_is_another_line():
    assert len(list(lines_of([Piece("a", 0, 0, 10), Piece("b", 9, 6, 16)]))) == 2


@pytest.mark.long
@pytest.mark.timeout(300)
def test_of_twenty_screenshots_nineteen_words_in_twenty_are_found_and_in_order():
    reader, random = TextReader(), Random(7)
    found = wanted = in_order = 0
    for number in range(20):
        lines = [" ".join(random.choices(WORDS, k=random.randint(3, 7))) for _ in range(random.randint(3, 8))]
        lines[0] = f"Step {number + 1} {lines[0]}"
        text = reader.read(screenshot(lines, number))
        words = Counter(re.findall(r"\w+", text.lower()))
        expected = Counter(re.findall(r"\w+", " ".join(lines).lower()))
        found += (words & expected).total()
        wanted += expected.total()
        assert text.lower().startswith(f"step {number + 1}")
        in_order += len(text.splitlines()) == len(lines)
    assert found / wanted >= 0.95, f"{found} of {wanted} words"
    assert in_order >= 19, "every line is a line"


@pytest.mark.long
def test_a_blank_screenshot_has_no_text_and_other_bytes_are_no_picture():
    reader = TextReader()
    assert reader.read(screenshot([], 1)) == ""
    for nothing in (b"", b"hello"):
        with pytest.raises(PictureUnreadableError):
            reader.read(nothing)
