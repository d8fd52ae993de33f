import pytest

from ledger.api.functions.pages import PAGES, page_at
from tests.api.locked import Locked
from tests.serving import Serving


@pytest.mark.parametrize("path", sorted(PAGES))
def test_what_is_published_is_served_to_anybody(locked: Locked, path: str):
    answer = locked.server.client.get(path)
    kind, body = page_at(path)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, kind.decode(), body)
    assert locked.server.client.head(path).status_code == 200


def test_nobody_writes_it(serving: Serving):
    answer = serving.client.post("/api.d.ts", json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_there_is_no_other():
    with pytest.raises(AssertionError):
        page_at("/api.py")
