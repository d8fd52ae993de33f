from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.application.timed import Timed, timed
from tests.places import POSTGRES_AS_WELL
from tests.serving import Serving
from tests.workers.asking import Client
from tests.workers.gpu import Gpu


@pytest.fixture(params=POSTGRES_AS_WELL)
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Timed]:
    """A ledger whose clock this test moves; nobody looks after its jobs."""
    with timed(tmp_path, request.param) as ask:
        yield ask


@pytest.fixture(scope="session")
def listening() -> Iterator[Gpu]:
    worker = Gpu()
    yield worker
    worker.stop()


@pytest.fixture(scope="session")
def pushed(listening: Gpu, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("pushed")
    server = Serving(folder, LEDGER_VIDEO_WORKER_URL=listening.url, LEDGER_WORKER_SECRET="s3cret")
    yield Client(server)
    server.leave()


@pytest.fixture
def gpu(listening: Gpu) -> Gpu:
    """The worker that ``client``'s server pushes to; it takes everything, until a test says otherwise."""
    listening.behave = lambda given: 200
    while not listening.given.empty():
        listening.given.get()
    return listening


@pytest.fixture
def client(pushed: Client, gpu: Gpu) -> Client:
    """A server that many tests share: each brings videos of its own."""
    return pushed
