import base64
import hmac
import json
import socket
import time

import httpx2
import pytest

from ledger.workers.pushing import signed
from tests.shared import Serve
from tests.workers.asking import Client
from tests.workers.gpu import Gpu

RESULTS = {"duration": 1.5, "fps": 30, "totalFrames": 45, "players": [{"id": 1}], "shuttle": None}


def test_a_worker_written_from_the_contract_does_its_work(client: Client, gpu: Gpu):
    video_id = client.video(b"shuttlecock")
    assert client.read("videos:getVideo", videoId=video_id)["status"] == "uploaded"
    assert client.act("videos:processVideo", videoId=video_id) is None
    given = gpu.next()
    video = client.read("videos:getVideo", videoId=video_id)
    assert (given.video_id, video["status"], video["progress"]) == (video_id, "processing", 0)
    assert given.download() == b"shuttlecock"
    assert given.report(12.5).status_code == 200
    assert client.read("videos:getVideo", videoId=video_id)["progress"] == 12.5
    for changes_nothing in (11, 250):
        assert given.report(changes_nothing).status_code == 200
    assert client.read("videos:getVideo", videoId=video_id)["progress"] == 12.5
    storage_id = given.upload(b"with boxes")
    assert given.answer(RESULTS, storage_id).status_code == 200
    video = client.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["progress"], video["results"]) == ("completed", 100, RESULTS)
    assert video["processedVideoStorageId"] == storage_id
    assert video["completedAt"] >= video["createdAt"]
    assert client.server.client.get(f"/videos/{video_id}").json() == {"ok": True, "result": video}


@pytest.mark.long
def test_a_worker_that_answers_only_when_it_has_finished_has_failed_nothing(client: Client, gpu: Gpu):
    def finish_first(given):
        time.sleep(3.5)
        assert given.answer(RESULTS).status_code == 200
        return 200

    gpu.behave = finish_first
    video_id = client.video()
    began = time.monotonic()
    client.act("videos:processVideo", videoId=video_id)
    assert time.monotonic() - began < 10
    video = client.when(lambda video: video["status"] != "processing", "videos:getVideo", videoId=video_id)
    assert (video["status"], video["results"]) == ("completed", RESULTS)


def test_a_worker_that_refuses_has_not_started(client: Client, gpu: Gpu):
    gpu.behave = lambda given: 503
    video_id = client.video()
    told = client.failure("action", "videos:processVideo", videoId=video_id)
    assert "Modal processing failed to start" in json.dumps(told)
    video = client.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["error"]) == ("failed", "Failed to start processing")
    gpu.behave = lambda given: 200
    client.act("videos:processVideo", videoId=video_id)
    video = client.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["progress"], "error" in video) == ("processing", 0, False)


@pytest.mark.long
def test_a_worker_that_nobody_configured_or_reaches_has_not_started(serve: Serve):
    for where in ({}, {"LEDGER_VIDEO_WORKER_URL": "http://127.0.0.1:9"}):
        client = Client(serve(**where))
        video_id = client.video()
        assert client.failure("action", "videos:processVideo", videoId=video_id)
        assert client.read("videos:getVideo", videoId=video_id)["error"] == "Failed to start processing"


def test_no_redirect_is_followed(client: Client, gpu: Gpu):
    gpu.behave = lambda given: 307
    video_id = client.video()
    assert client.failure("action", "videos:processVideo", videoId=video_id)
    assert gpu.given.qsize() == 1


def test_asking_twice_starts_once(client: Client, gpu: Gpu):
    video_id = client.video()
    client.act("videos:processVideo", videoId=video_id)
    client.act("videos:processVideo", videoId=video_id)
    gpu.next()
    assert gpu.given.empty()


def test_a_call_is_signed_so_that_its_worker_knows_who_calls(client: Client, gpu: Gpu):
    client.act("videos:processVideo", videoId=client.video())
    given = gpu.next()
    told = f"{given.headers['webhook-id']}.{given.headers['webhook-timestamp']}.".encode() + given.raw
    signature = base64.b64encode(hmac.digest(b"s3cret", told, "sha256")).decode()
    assert given.headers["webhook-signature"] == f"v1,{signature}"
    assert signed("s3cret", given.headers["webhook-id"], int(given.headers["webhook-timestamp"]), given.raw) == {
        name: given.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    }


@pytest.mark.long
def test_a_chatty_worker_leaves_a_fact_for_each_point_and_second(client: Client, gpu: Gpu):
    video_id = client.video()
    client.act("videos:processVideo", videoId=video_id)
    given = gpu.next()
    client.when(lambda job: job["seenAt"] > job["createdAt"], "jobs:get", jobId=f"{video_id}-j2")
    head, began = client.server.head(), time.monotonic()
    with httpx2.Client() as line:
        for step in range(2_001):
            said = {"videoId": video_id, "status": "processing", "progress": step / 20}
            assert line.post(f"{given.callback_url}/updateStatus", json=said).status_code == 200
    facts = client.server.head() - head
    assert 100 <= facts <= 102 + (time.monotonic() - began)
    assert client.read("videos:getVideo", videoId=video_id)["progress"] == 100
    assert given.answer(RESULTS).status_code == 200


@pytest.mark.long
def test_a_lost_worker_is_replaced_and_what_it_says_later_changes_nothing(serve: Serve, gpu: Gpu):
    patience = {"LEDGER_JOB_LEASE_SECONDS": "2", "LEDGER_JOB_BACKOFF_SECONDS": "1"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = Client(serve(LEDGER_VIDEO_WORKER_URL=gpu.url, PORT=str(port), **patience))
    video_id = client.video()
    client.act("videos:processVideo", videoId=video_id)
    lost = gpu.next()
    assert lost.report(50).status_code == 200
    client.server.restart(9)
    again = gpu.next()
    assert again.callback_url != lost.callback_url
    assert client.read("videos:getVideo", videoId=video_id)["progress"] == 0
    again.report(20)
    for answer in (lost.report(99), lost.answer({"fps": 1}), lost.report(status="failed", error="late")):
        assert answer.status_code == 200
    video = client.read("videos:getVideo", videoId=video_id)
    assert (video["status"], video["progress"], "results" in video) == ("processing", 20, False)
    assert again.answer(RESULTS).status_code == 200
    assert again.answer({"fps": 2}).status_code == 200
    assert client.read("videos:getVideo", videoId=video_id)["results"] == RESULTS
