"""The worker that reads the text of screenshots, for where the extra ``ocr`` is installed."""

from functools import cache
from typing import TYPE_CHECKING

from ledger.workers.local import LocalJob, Work, WorkFailedError

if TYPE_CHECKING:
    from ledger.pictures.text import TextReader


def reading() -> Work:
    """The work of reading a screenshot. Its models are loaded with the first: a server that is shown none goes without."""

    @cache
    def reader() -> "TextReader":
        from ledger.pictures.text import TextReader  # noqa: PLC0415  # imports what the extra brings

        return TextReader()

    def read(job: LocalJob) -> object:
        from ledger.pictures.text import PictureUnreadableError  # noqa: PLC0415  # as above

        image = b"".join(job.read_file(job.input["fileId"]))
        try:
            return {"text": reader().read(image)}
        except PictureUnreadableError as unreadable:
            raise WorkFailedError("permanent", str(unreadable)) from None

    return read
