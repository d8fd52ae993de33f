import logging
import socket
from ipaddress import ip_address
from typing import Any

import pytest

from ledger.workers.origins import Origins, addresses_of, is_own, is_public
from tests.api.locked import Locked
from tests.shared import Serve
from tests.workers.asking import Client
from tests.workers.gpu import Gpu

OWN = "http://127.0.0.1:8000"
PRIVATE = [
    *("10.1.2.3", "172.16.0.1", "192.168.1.5", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255"),
    *("224.0.0.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::", "::10.0.0.1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_private_is_so_however_it_is_wrapped(address: str):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_on_the_internet_is_public(address: str):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f000001", "0177.0.0.1", "127.0.0.1"])
def test_a_number_is_an_address_however_it_is_written(host: str):
    assert addresses_of(host) == [ip_address("127.0.0.1")]


def test_this_machine_has_addresses_of_its_own():
    assert is_own(ip_address("127.0.0.1"))
    assert not is_own(ip_address("1.1.1.1"))
    assert not is_own(ip_address("0.0.0.0"))


HOSTILE = [
    *("http://10.1.2.3:8000", "http://169.254.169.254", "http://2852039166", "http://0xa9fea9fe", "http://10.66051"),
    *("http://[fd00::1]:8000", "http://[::ffff:10.0.0.1]:8000", "http://[fe80::1%25eth0]:8000", "http://0.0.0.0:8000"),
    *("http://127.0.0.1:22", "http://localhost:5432", "http://127.0.0.1", "http://2130706433:22"),
    *("http://1.1.1.1@10.0.0.1", 'http://1.1.1.1","videoUrl":"http://10.0.0.1', "http://1.1.1.1/../x", "file:///etc"),
    *("http://no-such-name.invalid:8000", "http://", "http://127.0.0.1:99999", ""),
]


@pytest.mark.parametrize("asked", HOSTILE)
def test_what_leads_to_a_private_address_is_told_to_no_worker(asked: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert Origins(OWN, "http://127.0.0.1:9000").for_worker(asked) == OWN
    assert "LEDGER_PUBLIC_URL" in caplog.text


@pytest.mark.parametrize("asked", ["http://localhost:8000", "http://127.0.0.1:8000", "http://127.1:8000"])
def test_this_server_itself_may_be_called_by_a_worker_beside_it(asked: str):
    assert Origins(OWN, "http://127.0.0.1:9000").for_worker(asked) == asked


def test_loopback_is_told_to_no_worker_elsewhere():
    everywhere = Origins("http://0.0.0.0:8000", "http://192.0.2.7:9000")
    assert not everywhere._may_be_called("http://127.0.0.1:8000")


class Names:
    """A resolver that knows some names; the real one knows the rest."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        self._known = known
        self._real = socket.getaddrinfo

    def __call__(self, host: str, *rest: Any, **more: Any) -> list[Any]:
        found = self._known.get(host, [host])
        return [answer for address in found for answer in self._real(address, *rest, **more)]


def test_a_name_is_what_it_leads_to(monkeypatch: pytest.MonkeyPatch):
    known = {
        "ledger.example": ["1.1.1.1", "2606:4700:4700::1111"],
        "metadata.example": ["169.254.169.254"],
        "both.example": ["1.1.1.1", "10.0.0.1"],
        "six.example": ["::ffff:10.0.0.1"],
    }
    monkeypatch.setattr(socket, "getaddrinfo", Names(known))
    origins = Origins(OWN, "http://127.0.0.1:9000")
    assert origins.for_worker("https://ledger.example") == "https://ledger.example"
    for name in ("metadata", "both", "six"):
        assert origins.for_worker(f"http://{name}.example:8000") == OWN


def test_where_nobody_says_by_which_it_is_where_this_server_listens():
    assert Origins(OWN, None).for_worker(None) == OWN
    assert Origins("http://localhost:8000", None).for_worker(None) == "http://localhost:8000"
    assert Origins("http://0.0.0.0:8000", "http://127.0.0.1:9000").for_worker(None) == OWN


def test_the_deployment_has_the_last_word():
    origins = Origins(OWN, "http://gpu.example:9000", "https://ledger.example")
    for asked in ("http://10.0.0.1", "http://127.0.0.1:8000", None):
        assert origins.for_worker(asked) == "https://ledger.example"


def asked_by(locked: Locked, gpu: Gpu, host: str) -> str:
    """Where the worker is told to call back, for a video that was asked for at a host."""
    client = Client(locked.server)
    video_id = client.video()
    answer = client.call("action", "videos:processVideo", videoId=video_id, headers={"Host": host})
    assert answer.json()["status"] == "success", answer.text
    given = gpu.next()
    assert given.callback_url.rpartition("/updateResults/")[0] == given.video_url.partition("/api/")[0]
    return given.callback_url.rpartition("/updateResults/")[0]


@pytest.mark.long
def test_a_caller_sends_the_worker_nowhere_in_its_network(serve: Serve, gpu: Gpu, listening: Gpu):
    locked = Locked(serve(LEDGER_VIDEO_WORKER_URL=listening.url))
    server = locked.server
    server.client.headers.update(locked.admin)
    for host in ("10.1.2.3", "169.254.169.254", f"[fd00::1]:{server.port}", "2852039166", "127.0.0.1:22"):
        assert asked_by(locked, gpu, host) == server.url
    assert asked_by(locked, gpu, f"localhost:{server.port}") == f"http://localhost:{server.port}"
    for host in ('x","videoUrl":"http://10.0.0.1', "a@10.0.0.1", "a b", "a/b"):
        refused = server.client.post("/api/action", json={}, headers={"Host": host})
        assert refused.status_code in (400, 403), host


@pytest.mark.long
def test_behind_a_proxy_it_is_the_proxys_origin_that_everybody_is_told(serve: Serve, gpu: Gpu, listening: Gpu):
    locked = Locked(serve(LEDGER_VIDEO_WORKER_URL=listening.url, LEDGER_PUBLIC_URL="https://Ledger.example/"))
    client = locked.server.client
    client.headers.update(locked.admin)
    assert asked_by(locked, gpu, f"127.0.0.1:{locked.server.port}") == "https://Ledger.example"
    asked = {"path": "generate:generateUploadUrl", "format": "json", "args": {}}
    for host, origin in (("ledger.example", "https://ledger.example"), ("localhost:1", "http://localhost:1")):
        url = client.post("/api/mutation", json=asked, headers={"Host": host}).json()["value"]
        assert url.startswith(f"{origin}/api/storage/upload?token=")
