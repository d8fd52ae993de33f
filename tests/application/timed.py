"""A real ledger on a clock that the test moves, with files, jobs and a way to work on them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Action, Caller, Mutation
from ledger.application.leases import EXPIRE, RETRY, job_in_log
from ledger.bootstrap import FILES_FOLDER, open_database, open_for_writing
from ledger.domain.jobs import Job, Policy
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import ANN, Asking
from tests.postgres import empty_database

POLICY: Final = Policy(attempts_max=3, lease_ms=100_000, backoff_ms=10_000)


class Timed(Asking):
    now_ms = 1_700_000_000_000

    def clock(self) -> int:
        return self.now_ms

    def later(self, ms: int) -> None:
        self.now_ms += ms

    def act(self, name: str, /, *, caller: Caller = ANN, **arguments: Any) -> Any:
        """What an action answers."""
        function = BY_NAME[name]
        assert isinstance(function, Action)
        return json.loads(self.ledger.act(function, arguments, caller).json)

    def carry(self, function: Mutation, **arguments: Any) -> Any:
        """What a function answers that no door offers."""
        return json.loads(self.ledger.write(function, arguments, ANN).json)

    def upload(self, content: bytes = b"bytes") -> str:
        token = self.write("generate:generateUploadUrl").partition("token=")[2]
        with self.ledger.files.receiving(token) as receiving:
            receiving.write(content)
            return receiving.finish("image/png", None)

    def claim(self, *kinds: str, name: str = "ann") -> Any:
        return self.act("jobs:claim", caller=Caller(name, origin="http://stage.example"), kinds=list(kinds))

    def job(self, job_id: str) -> Job:
        return job_in_log(self.ledger.log, job_id)

    def lose(self, job_id: str) -> None:
        """The lease of the present attempt runs out, and the next is due."""
        self.later(POLICY.lease_ms)
        self.carry(EXPIRE, jobId=job_id, attempt=self.job(job_id).attempt)
        self.later(100_000)
        self.carry(RETRY, jobId=job_id)

    def history(self, partition: str) -> list[str]:
        """The stored names of all that happened in a partition."""
        return [entry.event.stored_as for entry in self.ledger.log.read_stream(partition)]


@contextmanager
def timed(folder: Path, database: str = "sqlite") -> Iterator[Timed]:
    """In an empty place of one of tests.places.DATABASES; its files are in the folder."""
    ask = Timed.__new__(Timed)
    with ExitStack() as closing:
        if database == "sqlite":
            opening = open_for_writing(folder, Vocabulary(jobs=POLICY), clock=ask.clock)
        else:
            url, files = closing.enter_context(empty_database()), str(folder / FILES_FOLDER)
            opening = open_database(url, Vocabulary(jobs=POLICY), shards=4, files=files, clock=ask.clock)
        ask.__init__(closing.enter_context(opening))  # type: ignore[misc]  # its clock is wanted before it has a ledger
        yield ask
