import io

from PIL import Image

from ledger.pictures.sheet import CAPTION_HEIGHT, CELL, COLUMNS, MARGIN, contact_sheet


def picture(size: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


def test_every_still_has_its_place_and_keeps_its_shape():
    red, green = picture((320, 180), (250, 0, 0)), picture((90, 160), (0, 250, 0))
    with Image.open(io.BytesIO(contact_sheet([*[(red, "one")] * COLUMNS, (green, "upright")]))) as sheet:
        assert sheet.format == "JPEG"
        width, height = CELL[0] + MARGIN, CELL[1] + CAPTION_HEIGHT + MARGIN
        assert sheet.size == (COLUMNS * width + MARGIN, 2 * height + MARGIN)
        middle = (MARGIN + CELL[0] // 2, MARGIN + CELL[1] // 2)
        for place in range(COLUMNS):
            seen = sheet.getpixel((middle[0] + place * width, middle[1]))
            assert isinstance(seen, tuple)
            assert seen[0] > 200 > 50 > seen[1]
        upright = sheet.getpixel((middle[0], middle[1] + height))
        beside = sheet.getpixel((MARGIN + 4, middle[1] + height))
        assert isinstance(upright, tuple)
        assert isinstance(beside, tuple)
        assert upright[1] > 200
        assert beside[1] < 50, "an upright picture has paper on both sides"


def test_a_few_stills_make_a_small_sheet():
    with Image.open(io.BytesIO(contact_sheet([(picture((32, 18), (9, 9, 9)), "ü")]))) as sheet:
        assert sheet.width == CELL[0] + 3 * MARGIN - MARGIN
