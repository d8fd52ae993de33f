import pytest

from ledger.application.callbacks import PATH
from tests.api.locked import Locked
from tests.serving import Serving

NO_VIDEO = "v1m7xy2k40c9ez51s6qpbk1ge"


def test_a_video_is_asked_for_by_its_id(serving: Serving):
    answer = serving.client.get(f"/videos/{NO_VIDEO}")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "result": None})
    assert "ledger-position" in answer.headers
    refused = serving.client.post(f"/videos/{NO_VIDEO}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert serving.client.get(f"/videos/{NO_VIDEO}/more").status_code == 404


@pytest.mark.parametrize("what", ["", "/updateStatus", "/generateUploadUrl", "/else", "/updateStatus/more"])
@pytest.mark.parametrize("token", ["x", f"{NO_VIDEO}-j2.1.{'0' * 64}", "", "%00.1.x"])
def test_a_forged_callback_is_refused_whatever_it_says(serving: Serving, token: str, what: str):
    answer = serving.client.post(f"{PATH}/{token}{what}", content=b"{" * 1_000)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"


def test_a_callback_is_posted(serving: Serving):
    refused = serving.client.get(f"{PATH}/x")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_a_worker_needs_no_key_and_everybody_else_does(locked: Locked):
    assert locked.server.client.get(f"/videos/{NO_VIDEO}").status_code == 401
    forged = locked.server.client.post(f"{PATH}/x", json={})
    assert forged.json()["error"]["message"].startswith("token:")
