"""The document of a recording: what was read on its screenshots, in order, as Markdown.

This is the plain way of writing one. Another writer, a language model's for example, is given the same pages.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from ledger.domain.recordings import OcrResult, Recording, Screenshot
from ledger.domain.values import Frozen

_MARKS: Final = re.compile(r"([\\`*_{}()\[\]<>#+\-.!|~])")


class Page(Frozen):
    """A screenshot and what was read on it: None where nobody could read it."""

    screenshot: Screenshot
    result: OcrResult | None


Writer = Callable[[Recording, Sequence[Page]], str]
"""What makes a document of a recording and its pages."""


def write(recording: Recording, pages: Sequence[Page]) -> str:
    """The document as a template makes it. Texts are quoted as they were read: nothing on a screen becomes markup."""
    title = f"# Recording {recording.session_id}" + (f" on {_plain(recording.pc_name)}" if recording.pc_name else "")
    if not pages:
        return f"{title}\n\nThere are no screenshots.\n"
    return "\n\n".join([title, *(_section(number, page) for number, page in enumerate(pages, 1))]) + "\n"


def _section(number: int, page: Page) -> str:
    heading = f"## {number}. {_plain(page.screenshot.filename)}"
    if page.result is None:
        return f"{heading}\n\n*It could not be read.*"
    text = page.result.text.strip("\n")
    if not text.strip():
        return f"{heading}\n\n*There is no text on it.*"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{heading}\n\n{fence}text\n{text}\n{fence}"


def _plain(text: str) -> str:
    """A name in a line of Markdown, meaning nothing but itself."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
