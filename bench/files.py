"""A large file brought and had: beside dd with a sync at the end, beside Python's plain file server; and what memory that takes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final
from urllib.parse import urlsplit

from bench.plan import Plan, interleaved
from bench.report import Measure
from bench.server import Server, free_port, serving

SECTION: Final = "files"
BYTES: Final = 1_000_000_000
UPLOAD_FLOOR: Final = 0.4
DOWNLOAD_FLOOR: Final = 0.4
MEMORY_MB_MAX: Final = 50
_BLOCK: Final = os.urandom(8 * 1024 * 1024)
_TAKEN_BYTES: Final = 1024 * 1024
_LOOK_SECONDS: Final = 0.02


def run(plan: Plan) -> list[Measure]:
    size = plan.events(BYTES, len(_BLOCK))
    plan.tell(f"files: {size / 1e6:,.0f} MB up and down")
    folder = plan.folder / "files"
    source = _made(folder / "source", size)
    with serving(folder / "ledger") as server, _plain(folder) as plain_port:
        peaks: list[float] = []
        storage_ids: list[str] = []

        def measure() -> dict[str, float]:
            before = server.memory_mb()
            with _peak(server, peaks):
                uploaded = _upload(server, source)
                storage_ids.append(uploaded[0])
                down = _download(server.port, f"/api/storage/{storage_ids[-1]}", size)
            peaks[-1] -= before
            return {
                "dd": size / _dd(source, folder / "copy") / 1e6,
                "up": size / uploaded[1] / 1e6,
                "plain": size / _download(plain_port, "/source", size) / 1e6,
                "down": size / down / 1e6,
            }

        rates = interleaved(plan.rounds, measure)
    shutil.rmtree(folder)
    up, dd, down, plain = (rates[name] for name in ("up", "dd", "down", "plain"))
    return [
        Measure(SECTION, "upload, beside dd conv=fsync", up, "MB/s", raw=dd, ratio=up / dd, floor=UPLOAD_FLOOR),
        Measure(
            SECTION, "download, beside http.server", down, "MB/s", peer=plain, ratio=down / plain, floor=DOWNLOAD_FLOOR
        ),
        Measure(SECTION, "memory more", max(peaks), "MB", floor=MEMORY_MB_MAX, lower_is_better=True, note="the most"),
    ]


def _made(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for _ in range(size // len(_BLOCK)):
            file.write(_BLOCK)
    return path


def _dd(source: Path, target: Path) -> float:
    """Seconds that dd takes to copy a file, the disk's word for it included."""
    begun = time.perf_counter()
    command = ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"]
    subprocess.run(command, check=True)
    took = time.perf_counter() - begun
    target.unlink()
    return took


def _upload(server: Server, source: Path) -> tuple[str, float]:
    """The file's Id, and the seconds from the first byte to the answer."""
    call = {"path": "generate:generateUploadUrl", "format": "json", "args": {}}
    url = urlsplit(server.call("POST", "/api/mutation", call)["value"])
    head = f"POST {url.path}?{url.query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {source.stat().st_size}\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as line, source.open("rb") as file:
        begun = time.perf_counter()
        line.sendall(f"{head}Connection: close\r\n\r\n".encode())
        line.sendfile(file)
        answer = b"".join(iter(lambda: line.recv(_TAKEN_BYTES), b""))
        took = time.perf_counter() - begun
    storage_id: str = json.loads(answer.partition(b"\r\n\r\n")[2])["storageId"]
    return storage_id, took


def _download(port: int, path: str, size: int) -> float:
    """Seconds until a file is here, or rather was: nobody keeps it."""
    taken = bytearray(_TAKEN_BYTES)
    with socket.create_connection(("127.0.0.1", port)) as line:
        begun = time.perf_counter()
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        total = 0
        while count := line.recv_into(taken):
            total += count
        took = time.perf_counter() - begun
    assert total > size, f"only {total} bytes came of {path}"
    return took


@contextmanager
def _plain(folder: Path) -> Iterator[int]:
    """Python's own file server on a folder; its port."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port
        finally:
            running.terminate()


@contextmanager
def _peak(server: Server, peaks: list[float]) -> Iterator[None]:
    """Adds the most memory that the server has meanwhile."""
    stop = Event()
    seen = [server.memory_mb()]

    def look() -> None:
        while not stop.wait(_LOOK_SECONDS):
            seen.append(server.memory_mb())

    looking = Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        stop.set()
        looking.join()
        peaks.append(max(seen))
