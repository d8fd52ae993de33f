"""A video worker that knows HTTP and JSON, and nothing of the ledger's code: a model of one in any language.

    LEDGER_WORKER_SECRET=… python examples/workers/video.py --port 9000
    LEDGER_WORKER_SECRET=… LEDGER_VIDEO_WORKER_URL=http://127.0.0.1:9000 ledger serve

It is given a video with a POST to ``/process``, takes it with a 202, and does the rest by the callback URL that came with it: says
how far it is, brings the video back in grey and half as large, and says what it found. Needs ``httpx2``, ``av`` and ``numpy``.
"""

import argparse
import base64
import hmac
import json
import os
import tempfile
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import httpx2

STEPS = 20
"""How often it tells how far it is."""
OLD_SECONDS = 300
REPORTED_BYTES_MAX = 65_536


def is_from_ledger(headers, body: bytes, secret: str) -> bool:
    """Whether a call is signed with the secret, and no old one that somebody repeats; see standardwebhooks.com."""
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
    signed = hmac.digest(secret.encode(), f"{message_id}.{at}.".encode() + body, "sha256")
    expected = f"v1,{base64.b64encode(signed).decode()}"
    is_fresh = at.isdecimal() and abs(time.time() - int(at)) < OLD_SECONDS
    return is_fresh and hmac.compare_digest(expected, headers.get("webhook-signature", ""))


def process(job: dict, step_seconds: float) -> None:
    """Do a job from beginning to end, or say why it cannot be done."""
    callback = job["callbackUrl"]
    with httpx2.Client(timeout=60) as client, tempfile.TemporaryDirectory() as folder:

        def tell(**said) -> None:
            # One report that does not arrive does no harm: the next one says more.
            try:
                client.post(f"{callback}/updateStatus", json={"videoId": job["videoId"], **said})
            except httpx2.HTTPError as failure:
                print(f"not told: {failure}", flush=True)

        try:
            source, made = Path(folder, "source"), Path(folder, "made.mp4")
            with client.stream("GET", job["videoUrl"]) as answer, source.open("wb") as file:
                answer.raise_for_status()
                for chunk in answer.iter_bytes():
                    file.write(chunk)
            results = convert(source, made, step_seconds, lambda percent: tell(status="processing", progress=percent))
            upload_url = client.post(f"{callback}/generateUploadUrl").raise_for_status().json()
            with made.open("rb") as file:
                stored = client.post(upload_url, content=file, headers={"Content-Type": "video/mp4"})
            found = {"results": results, "processedVideoStorageId": stored.raise_for_status().json()["storageId"]}
            client.post(callback, json={"videoId": job["videoId"], **found}).raise_for_status()
            print(f"done {job['videoId']}", flush=True)
        except (httpx2.HTTPError, av.FFmpegError, OSError, ValueError) as failure:
            traceback.print_exc()
            tell(status="failed", error=f"{type(failure).__name__}: {failure}"[:REPORTED_BYTES_MAX])


def convert(source: Path, made: Path, step_seconds: float, tell) -> dict:
    """Write the video in grey and half as large; what was found in it."""
    with av.open(str(source)) as incoming, av.open(str(made), "w") as outgoing:
        pictures = incoming.streams.video[0]
        rate = pictures.average_rate
        made_of = outgoing.add_stream("mpeg4", rate=rate)
        made_of.width, made_of.height, made_of.pix_fmt = pictures.width // 4 * 2, pictures.height // 4 * 2, "yuv420p"
        total, step, count = pictures.frames, 0, 0
        for frame in incoming.decode(pictures):
            count += 1
            grey = frame.reformat(made_of.width, made_of.height, "gray").reformat(format="yuv420p")
            # Only its pixels: when it is shown, and how it was packed, is of the other video.
            outgoing.mux(made_of.encode(av.VideoFrame.from_ndarray(grey.to_ndarray(), format="yuv420p")))
            if total and count * STEPS // total > step:
                step = count * STEPS // total
                tell(step / STEPS * 95)  # the rest is bringing it back
                time.sleep(step_seconds)
        outgoing.mux(made_of.encode())
        return {
            "duration": round(count / float(rate), 3),
            "fps": float(rate),
            "totalFrames": total or count,
            "processedFrames": count,
            "videoWidth": pictures.width,
            "videoHeight": pictures.height,
            "players": [],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--step-seconds", type=float, default=0, help="rest so long after each report, to be watched")
    given = parser.parse_args()
    secret = os.environ.get("LEDGER_WORKER_SECRET")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = 404 if self.path != "/process" else 202
            if secret and not is_from_ledger(self.headers, body, secret):
                status = 401
            if status == 202:
                threading.Thread(target=process, args=(json.loads(body), given.step_seconds)).start()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", given.port), Door) as server:
        print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
