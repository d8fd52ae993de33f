from ledger.domain.documentation import Page, write
from ledger.domain.recordings import OcrResult, Recording, Screenshot

recording = Recording(id="r1", creation_time=1, session_id="1b4e28ba", start_time=1, pc_name="bay_2")


def page(filename: str, text: str | None) -> Page:
    shot = Screenshot(id="r1-s2", creation_time=1, session_id="r1", filename=filename, file_id="f1", uploaded_at=1)
    result = (
        None
        if text is None
        else OcrResult(id="r1-o2", creation_time=1, screenshot_id="r1-s2", text=text, processed_at=1)
    )
    return Page(screenshot=shot, result=result)


def test_the_texts_stand_in_order_under_their_screenshots():
    assert write(recording, [page("a.png", "Reel 7\nTake 3\n"), page("b.png", "Cut")]) == (
        "# Recording 1b4e28ba on bay\\_2\n\n"
        "## 1. a\\.png\n\n```text\nReel 7\nTake 3\n```\n\n"
        "## 2. b\\.png\n\n```text\nCut\n```\n"
    )


def test_what_has_no_text_or_cannot_be_read_says_so():
    document = write(recording, [page("a.png", " \n"), page("b.png", None)])
    assert "*There is no text on it.*" in document
    assert "*It could not be read.*" in document


def test_a_recording_without_screenshots_is_documented_too():
    nameless = recording.model_copy(update={"pc_name": None})
    assert write(nameless, []) == "# Recording 1b4e28ba\n\nThere are no screenshots.\n"


def test_nothing_on_a_screen_becomes_markup():
    document = write(recording, [page("x](http://evil) <b>.png", "```\n# Not a heading\n````")])
    assert "`````text\n```\n# Not a heading\n````\n`````" in document
    assert "](http" not in document.replace("\\]", "")
    assert "<b>" not in document.replace("\\<b\\>", "")
