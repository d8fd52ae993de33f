"""The door through a running server, over HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx2

from ledger.cli.door import AT_LEAST, PARKED, UPLOAD_URL, Door, DoorError, RebuildAt, Standing, brought_before
from ledger.cli.screens import Warnings

TIMEOUT_SECONDS: Final = 30.0
PATHS: Final = {
    "ledger:addKey": "/ledger/keys/add",
    "ledger:revokeKey": "/ledger/keys/revoke",
    "ledger:listKeys": "/ledger/keys",
    "ledger:listParked": "/ledger/parked",
    "ledger:replayParked": "/ledger/parked/replay",
    "ledger:rebuildViews": "/ledger/views/rebuild",
    "ledger:getRebuild": "/ledger/views/rebuild/standing",
    "production:startProductionSession": "/production/session/start",
    "production:updateProductionSession": "/production/session/update",
    "production:completeProductionSession": "/production/session/complete",
    "production:upsertProductionCamera": "/production/camera/upsert",
    "production:setProductionCameraState": "/production/camera/state",
    "production:appendDirectorEvent": "/production/event",
    "production:appendDirectorEventsBatch": "/production/event/batch",
    "production:correctDirectorEvent": "/production/event/correct",
    "production:markHeroPose": "/production/hero-pose",
    "production:createStillCandidate": "/production/still-candidate",
    "production:updateStillCandidate": "/production/still/update",
    "production:appendMusicMoment": "/production/music-moment",
    "production:createProductionAsset": "/production/asset",
    "production:getProductionSession": "/production/session",
    "production:getActiveProductionSession": "/production/session/active",
    "production:getProductionTimeline": "/production/session/timeline",
    "production:getSessionAsOf": "/production/session/as-of",
    "production:getCutLog": "/production/session/cut-log",
    "production:compareCutLogs": "/production/session/cut-log/compare",
    "production:listWriterClocks": "/production/session/clocks",
    "production:listPoseWindows": "/production/session/pose-windows",
    "ledger:listWriterGaps": "/ledger/devices/gaps",
    "production:explainCut": "/production/session/explain",
    "production:listProductionSessions": "/production/sessions",
    "production:exportProductionEventPage": "/production/events",
    "production:listProductionAssets": "/production/assets",
    "production:listStillCandidates": "/production/stills",
    "production:listProductionSessionCameras": "/production/cameras",
    "production:listSessionHistory": "/production/session/history",
    "production:getSessionHead": "/production/session/head",
    "production:getReceipt": "/production/session/receipt",
    "production:getSessionProof": "/production/session/proof",
    "production:listStoredEntries": "/production/session/entries",
    "ledger:getHead": "/ledger/head",
}
"""The routes that commands use. Written down, because to ask the catalogue would load the whole ledger to speak to another."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class RemoteDoor:
    """Speaks the contract's routes. Threads may not share it."""

    def __init__(self, client: httpx2.Client, url: str, actor: str | None) -> None:
        """``actor`` is who writes, None where the client's key says it."""
        self._client = client
        self._url = url
        self._naming = {"Ledger-Actor": actor} if actor is not None else {}
        self._warnings = Warnings()
        self.at_least: str | None = None

    def ask(self, function: str, arguments: dict[str, Any]) -> Any:
        given = {name: value for name, value in arguments.items() if value is not None}
        parameters = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
        insisting = {AT_LEAST: self.at_least} if self.at_least is not None else {}
        response = self._request("GET", PATHS[function], params=parameters, headers=insisting)
        parked = response.headers.get("Ledger-Parked") if function != PARKED else None
        self._warnings.of_answer(parked.split(", ") if parked else (), stale="Ledger-Stale" in response.headers)
        return self._result(response)

    def tell(self, function: str, arguments: dict[str, Any], key: str) -> Any:
        headers = {"Idempotency-Key": key, **self._naming}
        return self._result(self._request("POST", PATHS[function], json=arguments, headers=headers))

    def bring(self, content: bytes, content_type: str, key: str) -> str:
        call = {"path": UPLOAD_URL, "format": "json", "args": {}}
        headers = {"Idempotency-Key": key, **self._naming}
        granting = self._request("POST", "/api/mutation", json=call, headers=headers)
        granted = self._json(granting)
        if granted.get("status") != "success":
            told = granted.get("errorData") or granted
            message = told.get("message") or granted.get("errorMessage") or f"it was answered {granting.status_code}"
            raise DoorError(told.get("code", "refused"), str(message))
        storing = self._request("POST", granted["value"], content=content, headers={"Content-Type": content_type})
        stored = self._json(storing)
        if storing.status_code == HTTPStatus.CONFLICT:
            return brought_before(stored.get("message", ""), stored.get("detail") or {})
        if storing.status_code != HTTPStatus.OK:
            raise DoorError(stored.get("code", "refused"), stored.get("message", "the file was refused"))
        storage_id: str = stored["storageId"]
        return storage_id

    def fetch(self, storage_id: str, target: Path) -> None:
        with self._telling(), self._client.stream("GET", f"/storage/{storage_id}") as response:
            if response.status_code != HTTPStatus.OK:
                response.read()
                raise self._failure(response, self._json(response), f"with status {response.status_code}")
            with target.open("wb") as written:
                written.writelines(response.iter_bytes())

    def standing(self) -> Standing:
        response = self._request("GET", "/readyz")
        ready = self._json(response)
        try:
            return Standing(
                ready["epoch"],
                ready["position"],
                ready["lag"],
                ready["lagMs"],
                tuple(ready["backlog"]),
                ready["rate"],
                ready["halted"],
                ready["parked"],
                tuple(f"{it['view']}, session {it['sessionId']}: {it['difference']}" for it in ready["drifts"]),
                RebuildAt(**ready["rebuild"]) if ready["rebuild"] else None,
            )
        except KeyError:
            raise self._failure(response, ready, "without a position") from None

    def _request(self, method: str, path: str, **content: Any) -> httpx2.Response:
        with self._telling():
            return self._client.request(method, path, **content)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Whatever goes wrong on the line is told as what it means. Raises DoorError."""
        try:
            yield
        except httpx2.TimeoutException as late:
            raise DoorError("unreachable", f"{self._url} did not answer within {TIMEOUT_SECONDS:.0f} s") from late
        except (httpx2.RequestError, httpx2.InvalidURL) as failure:
            message = f"nobody answers at {self._url} ({failure}); start a server with `ledger serve`, or use --data"
            raise DoorError("unreachable", message) from failure

    def _result(self, response: httpx2.Response) -> Any:
        answer = self._json(response)
        if answer.get("ok") is True and "result" in answer:
            return answer["result"]
        raise self._failure(response, answer, f"with status {response.status_code}")

    def _failure(self, response: httpx2.Response, answer: dict[str, Any], how: str) -> DoorError:
        """What an answer that is none says went wrong, or how it is not a ledger's."""
        try:
            error = answer["error"]
            code, message = error["code"], error["message"]
        except (KeyError, TypeError):
            return self._stranger(how)
        hint = "; give a key with --key or LEDGER_KEY" if response.status_code == 401 else ""
        return DoorError(code, f"{message}{hint}", error.get("detail"))

    def _json(self, response: httpx2.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._stranger(f"with status {response.status_code} and no JSON")
        return answer

    def _stranger(self, how: str) -> DoorError:
        return DoorError("unreachable", f"{self._url} answers, but not as a ledger does: {how}; check --url")


@contextmanager
def remote_door(url: str, actor: str, key: str | None = None) -> Iterator[Door]:
    """A connection that is made when it is first used. Raises DoorError where the URL is none."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as invalid:
        raise DoorError("invalid", f"--url: {url!r} is no URL: {invalid}") from invalid
    if address.scheme not in ("http", "https") or not address.host:
        raise DoorError("invalid", f"--url: {url!r} is no URL of a server; write it like http://127.0.0.1:8000")
    # A proxy of the environment stands between this machine and others, never between it and itself.
    trust_env = address.host not in _LOOPBACK
    showing = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx2.Client(
        base_url=address,
        timeout=TIMEOUT_SECONDS,
        trust_env=trust_env,
        headers=showing,
        verify=address.scheme == "https",  # to read all authorities takes as long as a short answer
    ) as client:
        yield RemoteDoor(client, url.rstrip("/"), None if key else actor)
