"""Text in a screenshot, read by the models that come with ``rapidocr``: nothing is fetched, nothing leaves the machine."""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np

from ledger.pictures.extras import require_extra

LINE_OVERLAP: Final = 0.5
"""Two pieces of text are on one line where they share this much of the lower one's height."""

_PARAMETERS: Final = {
    "Global.log_level": "warning",  # it would tell everybody which model it loads
    "Global.use_cls": False,  # a screenshot is never upside down
    # Small pictures are not blown up, and of large ones the lines are looked for in one of this width: where text can be read by
    # those who sit before the screen, its lines are found.
    "Det.limit_type": "max",
    "Det.limit_side_len": 1_920,
    # Lines that wait for others of their length, and threads that wait for each other awake, take the processor from the server.
    "Rec.rec_batch_num": 1,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
}


class PictureUnreadableError(Exception):
    """The bytes are no picture that can be read."""


class Piece(NamedTuple):
    """Text that was found in one place of a picture, in pixels from its upper left corner."""

    text: str
    left: float
    top: float
    bottom: float


class TextReader:
    """Loads the models when it is made, which takes a second or two. Threads may share it; they take turns."""

    def __init__(self) -> None:
        """Raises ExtraMissingError."""
        require_extra("ocr")
        from rapidocr import RapidOCR  # noqa: PLC0415  # an extra

        self._lock = Lock()
        self._read = RapidOCR(params=_PARAMETERS)

    def read(self, image: bytes) -> str:
        """The text of a picture, line by line from above; empty where there is none. Raises PictureUnreadableError."""
        pixels = _decoded(image)
        with self._lock:
            found: Any = self._read(pixels)
        if found.txts is None:
            return ""
        pieces = [_piece(text, box) for text, box in zip(found.txts, found.boxes, strict=True)]
        return "\n".join(" ".join(piece.text for piece in line) for line in lines_of(pieces))


def lines_of(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces as they are read: from above, and on one line from the left."""
    line: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom, piece.left)):
        if line and not _is_on_line(piece, line):
            yield sorted(line, key=lambda piece: piece.left)
            line = []
        line.append(piece)
    if line:
        yield sorted(line, key=lambda piece: piece.left)


def _is_on_line(piece: Piece, line: Sequence[Piece]) -> bool:
    first = line[0]
    shared = min(piece.bottom, first.bottom) - max(piece.top, first.top)
    return shared > LINE_OVERLAP * min(piece.bottom - piece.top, first.bottom - first.top)


def _piece(text: str, box: Any) -> Piece:
    across, down = np.asarray(box)[:, 0], np.asarray(box)[:, 1]
    return Piece(text, float(across.min()), float(down.min()), float(down.max()))


def _decoded(image: bytes) -> Any:
    import cv2  # noqa: PLC0415  # comes with the extra

    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR) if image else None
    if pixels is None:
        raise PictureUnreadableError("the bytes are no picture that can be read")
    return pixels
