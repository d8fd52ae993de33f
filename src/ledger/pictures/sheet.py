"""A contact sheet: stills on one page, each with a line below that says what it is."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

COLUMNS: Final = 4
CELL: Final = (480, 270)
MARGIN: Final = 16
CAPTION_HEIGHT: Final = 28
JPEG_QUALITY: Final = 90
_PAPER, _INK = (24, 24, 24), (220, 220, 220)


def contact_sheet(stills: Sequence[tuple[bytes, str]]) -> bytes:
    """Pictures with their captions, row by row, as one JPEG."""
    assert stills, "a sheet has something on it"
    columns = min(COLUMNS, len(stills))
    rows = -(-len(stills) // columns)
    width, height = CELL[0] + MARGIN, CELL[1] + CAPTION_HEIGHT + MARGIN
    sheet = Image.new("RGB", (columns * width + MARGIN, rows * height + MARGIN), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=16)
    for place, (picture, caption) in enumerate(stills):
        left, top = MARGIN + place % columns * width, MARGIN + place // columns * height
        with Image.open(io.BytesIO(picture)) as opened:
            cell = ImageOps.pad(opened.convert("RGB"), CELL, color=_PAPER)
        sheet.paste(cell, (left, top))
        draw.text((left, top + CELL[1] + 4), caption, fill=_INK, font=font)
    written = io.BytesIO()
    sheet.save(written, "JPEG", quality=JPEG_QUALITY)
    return written.getvalue()
