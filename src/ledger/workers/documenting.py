"""The worker that writes a recording's document: with the template, or with a writer that the deployment has plugged in."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from ledger.application.recordings import PAGES
from ledger.domain import documentation
from ledger.domain.documentation import Page, Writer
from ledger.domain.recordings import OcrResult, Recording, Screenshot
from ledger.workers.local import LocalJob, Work, WorkFailedError

_PLUGGED_IN: Final = "LEDGER_DOCUMENT_WRITER"


def documenting(writer: Writer = documentation.write) -> Work:
    """The work of writing a recording's document, the way a writer does."""

    def document(job: LocalJob) -> object:
        told = job.ask(PAGES, sessionId=job.subject)
        pages = [
            Page(
                screenshot=Screenshot.model_validate(page["screenshot"]),
                result=OcrResult.model_validate(page["result"]) if "result" in page else None,
            )
            for page in told["pages"]
        ]
        content = writer(Recording.model_validate(told["recording"]), pages)
        if not isinstance(content, str):
            raise WorkFailedError("permanent", f"the document's writer answered a {type(content).__name__}, not a text")
        return {"content": content}

    return document


def writer_named(name: str) -> Writer:
    """The writer that ``package.module:function`` names. Raises ValueError where there is none."""
    module, _, function = name.partition(":")
    try:
        found: Callable[..., str] = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as missing:
        raise ValueError(f"{_PLUGGED_IN}: {name!r} is no package.module:function: {missing}") from missing
    if not callable(found):
        raise ValueError(f"{_PLUGGED_IN}: {name!r} cannot be called")
    return found
