"""Which worker does which kind of job in a deployment, and the runner that has them do it."""

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.application.ledger import Ledger
from ledger.domain import recordings, videos
from ledger.pictures.extras import is_installed
from ledger.settings import Settings, Workers
from ledger.workers.documenting import documenting, writer_named
from ledger.workers.local import Work
from ledger.workers.origins import Origins
from ledger.workers.pushing import Pushing
from ledger.workers.reading import reading
from ledger.workers.runner import JobRunner


def works_of(workers: Workers) -> dict[str, Work]:
    """The kinds of jobs that are done in this process: screenshots are read where the extra ``ocr`` is installed.

    Raises ValueError where the deployment's writer is none.
    """
    works = {recordings.DOCUMENTING: documenting(writer_named(workers.writer)) if workers.writer else documenting()}
    if is_installed("ocr"):
        works[recordings.READING] = reading()
    return works


@contextmanager
def running(ledger: Ledger, settings: Settings, url: str) -> Iterator[JobRunner]:
    """Look after the jobs of a ledger, for as long as it is served at ``url``. Raises as ``works_of`` does."""
    works = works_of(settings.workers)
    origins = Origins(url, settings.workers.video_url, settings.public_url)
    pushing = Pushing(ledger, settings.workers, origins)
    runner = JobRunner(ledger, pushing={videos.JOB_KIND: pushing}, works=works)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()
        pushing.stop()
