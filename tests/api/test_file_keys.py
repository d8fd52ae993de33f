"""Files of a ledger that asks for keys: a URL that was handed out is as good as one for what it is for, and for nothing else."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.api.locked import Locked
from tests.api.signing import SIGN_PATH, upload_url
from tests.serving import Serving


class Vault:
    def __init__(self, server: Serving) -> None:
        self.locked = Locked(server)
        self.client = server.client
        answer = self.client.post(upload_url(self.client, self.locked.admin), content=b"hello")
        assert answer.status_code == 200, "whoever was given the URL needs no key"
        self.storage_id = answer.json()["storageId"]
        self.path = f"/api/storage/{self.storage_id}"


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    """A failure below ``/api/`` has its code at the top."""
    told = answer.json()
    return answer.status_code, told.get("error", told)["code"]


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    server = Serving(tmp_path_factory.mktemp("vault"), module="tests.api.signing")
    yield Vault(server)
    server.leave()


def test_whoever_may_read_has_files(vault: Vault):
    assert code_of(vault.client.get(vault.path)) == (401, "unauthorized")
    assert vault.client.get(vault.path, headers=vault.locked.key("reader", "read")).content == b"hello"
    assert code_of(vault.client.get(vault.path, headers=vault.locked.key("pen", "write"))) == (403, "forbidden")


def test_a_key_that_is_bound_to_a_session_has_none(vault: Vault):
    session_id = vault.locked.record("session/start", sessionType="music_demo")
    bound = vault.locked.key("bound", "read", session_id=session_id)
    assert code_of(vault.client.get(vault.path, headers=bound)) == (403, "forbidden")


def test_a_signed_url_needs_no_key(vault: Vault):
    url: str = vault.client.get(f"{SIGN_PATH}?{vault.storage_id}&60000").json()
    assert vault.client.get(url).content == b"hello"


@pytest.mark.parametrize(
    "query", ["?signature=x", "?signature=", "?xsignature=x", "?signature=x&expires=9", "?expires=9"]
)
def test_what_only_looks_signed_opens_nothing(vault: Vault, query: str):
    assert vault.client.get(vault.path + query).status_code in (401, 403)


@pytest.mark.parametrize("path", ["/api/storage/upload", "/storage/upload", "/api/storage/upload?signature=x"])
def test_the_upload_opens_nothing_by_itself(vault: Vault, path: str):
    assert code_of(vault.client.post(path, content=b"hello"))[0] in (401, 405)


def test_a_signature_opens_no_other_route(vault: Vault):
    assert code_of(vault.client.get("/production/sessions?signature=x")) == (401, "unauthorized")
