"""The cable is pulled, writers and server are killed, a disk is full: what a writer was told is recorded is in the ledger, once."""

import os
import resource
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final

import httpx2
import pytest

from tests.acceptance.device import BEGIN_MS, PARTS, script
from tests.acceptance.mortal import Mortal
from tests.client.cable import Cable
from tests.serving import ROOT, Serving

COUNT: Final = 400
"""Facts that each device records."""
_OF_ARRIVAL: Final = frozenset({"causeEventId", "eventId", "sequence", "sessionId"})


class Device:
    """A device's process, started again whenever it was killed, and the greatest number of facts it was told to have."""

    def __init__(self, folder: Path, part: str, session: str, url: str, seconds: float, count: int) -> None:
        self.part = part
        self.told = 0
        self._command = [
            *(sys.executable, "-m", "tests.acceptance.device", str(folder / part), url, session, part),
            *(str(seconds), str(count)),
        ]
        self._start()

    def _start(self) -> None:
        self.running = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._listening = Thread(target=self._listen, args=(self.running,))
        self._listening.start()

    def _listen(self, running: subprocess.Popen[str]) -> None:
        assert running.stdout is not None
        for line in running.stdout:
            self.told = int(line)

    def kill(self) -> None:
        """Kill it, if it has not finished, and start it again."""
        if self.running.poll() is None:
            self.running.kill()
            self.join()
            self._start()

    def fill_disk(self, full: bool) -> None:
        """From now on no file of its can grow past a kilobyte, or every file can."""
        if self.running.poll() is None:
            resource.prlimit(self.running.pid, resource.RLIMIT_FSIZE, (1_024 if full else resource.RLIM_INFINITY, -1))

    def join(self) -> int:
        """Wait for its end: its exit status."""
        status = self.running.wait()
        self._listening.join()
        assert self.running.stdout is not None
        self.running.stdout.close()
        return status


def _post(url: str, route: str, arguments: dict[str, Any]) -> Any:
    answer = httpx2.post(f"{url}/production/{route}", json=arguments, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def _begin(url: str) -> str:
    began = {"sessionType": "photoshoot_performance", "status": "rolling", "timestampMs": BEGIN_MS - 10}
    session: str = _post(url, "session/start", began)
    for camera in ("hero", "wide", "left", "detail"):
        registered = {"sessionId": session, "cameraId": camera, "sourceType": "iphone", "role": camera}
        _post(url, "camera/upsert", registered | {"priorityWeight": 1, "isActive": True, "timestampMs": BEGIN_MS - 5})
    return session


def _ask(url: str, route: str, **parameters: Any) -> Any:
    answer = httpx2.get(f"{url}{route}", params=parameters, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def _history(url: str, session: str) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = _ask(url, "/production/session/history", sessionId=session, numItems=10_000)["page"]
    return page


def check(url: str, session: str, told: dict[str, int], count: int) -> None:
    """Every fact of which a device was told is there once, in its device's order, as it was stated; and nothing is missing."""
    recorded: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    ids = {}
    for entry in _history(url, session):
        metadata = entry["body"].get("metadata")
        if metadata:
            recorded[metadata["part"]].append(entry)
            ids[metadata["part"], metadata["number"]] = entry["entityId"]
    for part, entries in recorded.items():
        numbers = [entry["body"]["metadata"]["number"] for entry in entries]
        assert numbers == list(range(len(numbers))), f"{part}: lost, repeated or out of order"
        assert len(numbers) >= told.get(part, 0), f"{part}: {told[part]} were told to be recorded, {len(numbers)} are"
        assert len(numbers) == count
        for entry, stated in zip(entries, script(part, count), strict=True):
            assert entry["body"].get("timestampMs") == stated.get("timestampMs")
            if "sourceEventId" in stated:
                number = stated["metadata"]["number"]
                assert entry["body"]["sourceEventId"] == ids[part, number - 1], "it names the marker before it"


def cut_log(url: str, session: str) -> Any:
    """The cut log and its audit list, without what tells in which order devices came in."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items() if name not in _OF_ARRIVAL}
        if isinstance(value, list):
            return [plain(item) for item in value if not str(item).startswith("late:")]
        return value

    # Who was how late is a matter of arrival too.
    told = _ask(url, "/production/session/cut-log", sessionId=session)
    audit = [entry for entry in told["audit"] if entry["kind"] != "late"]
    return {"segments": plain(told["segments"]), "holds": plain(told["holds"]), "audit": plain(audit)}


def _undisturbed(url: str, count: int) -> Any:
    """The same of the same shoot, where nothing goes wrong."""
    session = _begin(url)
    facts = [
        fact for part in PARTS for fact in script(part, count) if "timestampMs" in fact and "sourceEventId" not in fact
    ]
    routes = {
        "appendDirectorEvent": "event",
        "markHeroPose": "hero-pose",
        "appendMusicMoment": "music-moment",
        "setProductionCameraState": "camera/state",
    }
    with httpx2.Client(base_url=url, timeout=60) as client:
        for fact in sorted(facts, key=lambda stated: stated["timestampMs"]):
            arguments = {"sessionId": session, **fact}
            route = routes[arguments.pop("function")]
            assert client.post(f"/production/{route}", json=arguments).status_code == 200
    return cut_log(url, session)


def _disturb(devices: list[Device], mortal: Mortal, cable: Cable, seconds: float, chance: Random) -> dict[str, int]:
    """Ten pulled cables, writers and servers killed at random, and one disk that is full for a while."""
    done = {"pulled": 0, "writers": 0, "servers": 0, "full": 0}
    until = monotonic() + seconds
    while monotonic() < until or done["pulled"] < 10:
        sleep(chance.uniform(0, seconds / 25))
        trouble = ("pulled", "servers", "writers", "full")[sum(done.values()) % 4]
        done[trouble] += 1
        match trouble:
            case "pulled":
                cable.become(chance.choice(("pulled", "deaf")))
                sleep(chance.uniform(0.1, seconds / 30))
                cable.become("whole")
            case "servers":
                mortal.end(signal.SIGKILL)
                sleep(chance.uniform(0, 0.3))
                mortal.begin()
                cable.leads_to = mortal.port()
            case "writers":
                chance.choice(devices).kill()
            case "full":
                devices[0].fill_disk(True)
                sleep(chance.uniform(0.1, seconds / 30))
                devices[0].fill_disk(False)
    return done


def shoot(tmp_path: Path, seconds: float, count: int, seed: int) -> None:
    chance = Random(seed)
    with ExitStack() as closed:
        mortal = closed.enter_context(closing(Mortal(tmp_path / "ledger")))
        mortal.begin()
        cable = closed.enter_context(closing(Cable(mortal.port())))
        session = _begin(cable.url)
        devices = [Device(tmp_path, part, session, cable.url, seconds, count) for part in PARTS]
        done = _disturb(devices, mortal, cable, seconds, chance)
        assert done["pulled"] >= 10
        for device in devices:
            assert device.join() == 0
        told = {device.part: device.told for device in devices}
        assert told == dict.fromkeys(PARTS, count)
        check(cable.url, session, told, count)
        for numbers in _ask(cable.url, "/ledger/devices/gaps"):
            assert (numbers["missing"], numbers["lost"], numbers["late"]) == ([], [], [])
            assert numbers["last"] == count
        undisturbed = _undisturbed(cable.url, count)
        assert {"unregistered", "same_camera", "release_without_hold"} <= {it["kind"] for it in undisturbed["audit"]}
        assert cut_log(cable.url, session) == undisturbed
        mortal.end(signal.SIGTERM)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit the files of a running process")
def test_ten_minutes_in_one_with_everything_going_wrong(tmp_path: Path):
    shoot(tmp_path, seconds=60, count=COUNT, seed=int(os.environ.get("SHOOT_SEED", "1")))


def _cable_pulled(server_url: str, port: int, tmp_path: Path, **environment: str) -> tuple[str, int]:
    """A device records while its cable is out, and is given a whole one: the session, and how many facts it was told of."""
    session = _begin(server_url)
    with closing(Cable(port)) as cable:
        cable.become("pulled")
        command = [
            *(sys.executable, "-m", "tests.acceptance.device", str(tmp_path / "pose"), cable.url),
            session,
            "pose",
        ]
        environment = {**os.environ, **environment}
        device = subprocess.Popen([*command, "0", "30"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
        assert device.stdout is not None
        told = [int(device.stdout.readline()) for _ in range(30)][-1]
        sleep(0.3)
        cable.become("whole")
        assert device.wait(60) == 0
        device.stdout.close()
    return session, told


def _pose_only(url: str, session: str, told: int) -> None:
    numbers = [entry["body"]["metadata"]["number"] for entry in _history(url, session) if entry["body"].get("metadata")]
    assert numbers == list(range(told)), "lost, repeated or out of order"


def test_what_was_recorded_while_the_cable_was_out_is_there_once(serving: Serving, tmp_path: Path):
    session, told = _cable_pulled(serving.url, serving.port, tmp_path)
    assert told == 30
    _pose_only(serving.url, session, told)


@pytest.mark.long
@pytest.mark.parametrize("fault", ["acknowledged-unanswered"])
def test_a_careless_sender_is_found_out(serving: Serving, tmp_path: Path, fault: str):
    session, told = _cable_pulled(serving.url, serving.port, tmp_path, CARELESS=fault)
    with pytest.raises(AssertionError, match="lost, repeated or out of order"):
        _pose_only(serving.url, session, told)
