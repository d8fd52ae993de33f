"""The machine that is measured on: what it is, how fast it syncs, and whether it has other things to do."""

import os
import platform
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil

SYNCS: Final = 500
_PAGE: Final = os.urandom(4_096)
_LOOPS: Final = 2_000_000
LOAD_MAX: Final = 0.3
IDLE_SHARE_MIN: Final = 0.9


def facts(folder: Path) -> dict[str, Any]:
    """Who was measured, and when."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "idle": psutil.cpu_times_percent(0.5).idle / 100,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
        "filesystem": filesystem(folder),
        "syncs_per_second": syncs_per_second(folder),
        "loops_per_second": loops_per_second(),
    }


def warnings(machine: dict[str, Any]) -> list[str]:
    """Why these numbers may say little."""
    told = []
    if machine["load"] > LOAD_MAX or machine["idle"] < IDLE_SHARE_MIN:
        told.append("other work is under way on this machine: the numbers will be noisy")
    if machine["filesystem"] in ("tmpfs", "ramfs"):
        told.append("the folder is in memory, where durability costs nothing: choose a real disk with --dir")
    if machine["cores"] < 2:
        told.append("one core: the load generator takes its time from the server")
    return told


def filesystem(folder: Path) -> str:
    """The type of the file system that a folder is on."""
    inside = [
        partition
        for partition in psutil.disk_partitions(all=True)
        if folder.resolve().is_relative_to(partition.mountpoint)
    ]
    return max(inside, key=lambda partition: len(partition.mountpoint)).fstype if inside else "unknown"


def syncs_per_second(folder: Path) -> float:
    """How many times a second a page can be appended and made durable."""
    path = folder / "syncs"
    with path.open("wb", buffering=0) as file:
        begun = time.perf_counter()
        for _ in range(SYNCS):
            file.write(_PAGE)
            os.fdatasync(file.fileno())
        took = time.perf_counter() - begun
    path.unlink()
    return SYNCS / took


def loops_per_second() -> float:
    """How fast one core runs Python: where two runs differ in this, they were not on the same machine."""
    total = 0
    begun = time.perf_counter()
    for number in range(_LOOPS):
        total += number
    return _LOOPS / (time.perf_counter() - begun)
