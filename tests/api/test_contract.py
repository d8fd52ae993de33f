"""The contract's door from inside: what cannot be seen from a server's outside."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import bootstrap
from ledger.api.carrier import Carrier
from ledger.api.contract import ContractDoor, method_of
from ledger.api.server import create_app
from ledger.application.catalogue import FUNCTIONS
from ledger.application.ledger import Ledger
from ledger.settings import Settings

ROUTES = """
POST /production/session/start          production:startProductionSession
POST /production/session/update         production:updateProductionSession
POST /production/session/complete       production:completeProductionSession
POST /production/session/reopen         production:reopenProductionSession
POST /production/camera/upsert          production:upsertProductionCamera
POST /production/camera/state           production:setProductionCameraState
POST /production/event                  production:appendDirectorEvent
POST /production/event/batch            production:appendDirectorEventsBatch
POST /production/event/correct          production:correctDirectorEvent
POST /production/hero-pose              production:markHeroPose
POST /production/still-candidate        production:createStillCandidate
POST /production/still/update           production:updateStillCandidate
POST /production/music-moment           production:appendMusicMoment
POST /production/asset                  production:createProductionAsset
GET  /production/session                production:getProductionSession
GET  /production/session/active         production:getActiveProductionSession
GET  /production/session/timeline       production:getProductionTimeline
GET  /production/session/history        production:listSessionHistory
GET  /production/session/as-of          production:getSessionAsOf
GET  /production/session/cut-log        production:getCutLog
GET  /production/session/cut-log/compare production:compareCutLogs
GET  /production/session/clocks         production:listWriterClocks
GET  /production/session/explain        production:explainCut
GET  /production/session/pose-windows   production:listPoseWindows
GET  /production/sessions               production:listProductionSessions
GET  /production/cameras                production:listProductionSessionCameras
GET  /production/events                 production:exportProductionEventPage
GET  /production/stills                 production:listStillCandidates
GET  /production/music-moments          production:listMusicMoments
GET  /production/assets                 production:listProductionAssets
POST /captures                          captures:create
POST /captures/status                   captures:updateStatus
POST /captures/store                    captures:store
GET  /captures                          captures:listRecent
GET  /activity                          intel:recentActivity
"""


def test_every_function_stands_on_its_route():
    served = {(method_of(it), it.path, it.name) for it in FUNCTIONS if it.path is not None}
    assert {tuple(line.split()) for line in ROUTES.strip().splitlines()} <= served
    assert len({(method, path) for method, path, _ in served}) == len(served) == len({name for *_, name in served})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    settings = Settings(directory=tmp_path)
    with bootstrap.open_for_writing(tmp_path, settings.vocabulary) as ledger:
        yield ledger


async def _get(door: Any, path: str, query: str = "", **headers: str) -> int:
    """The status of an answer."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    sent = [(b"host", b"localhost"), *((name.replace("_", "-").encode(), it.encode()) for name, it in headers.items())]
    about: dict[str, Any] = {"type": "http", "scheme": "http", "method": "GET", "headers": sent}
    scope = about | {"path": path, "query_string": query.encode()}
    await door(scope, receive, send)
    return statuses[0]


@pytest.mark.long
def test_nobody_is_waited_for_once_they_were_answered(ledger: Ledger):
    app = create_app(ledger, Settings())
    future = f"{ledger.log.epoch}.0-999999"

    async def ask_in_vain() -> None:
        door = ContractDoor(app, Carrier(ledger), FUNCTIONS, body_bytes_max=1)
        asked = [_get(door, "/production/sessions", ledger_at_least=future) for _ in range(20)]
        assert set(await asyncio.gather(*asked)) == {503}
        left = asyncio.create_task(_get(door, "/production/sessions", ledger_at_least=future))
        await asyncio.sleep(0.1)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left

    asyncio.run(ask_in_vain())
    assert ledger.runner._waiting == []
