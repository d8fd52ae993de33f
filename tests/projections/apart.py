"""Partitions of their own, told into a real log, and read back from its views."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from ledger.domain.entries import Event
from ledger.domain.jobs import JobScheduled
from tests.projections.viewed import Viewed

VIDEO: Final = "v1m7xy2k40c9ez51s6qpbk1ge"
IMAGE: Final = "i1m7xy2k40c9ez51s6qpbk1ge"
RECORDING: Final = "r1m7xy2k40c9ez51s6qpbk1ge"


def scheduled(kind: str, **about: str) -> JobScheduled:
    return JobScheduled(kind=kind, attempts_max=3, lease_ms=100_000, backoff_ms=10_000, **about)


def tell(viewed: Viewed, partition: str, *events: Event) -> None:
    """One event after another, a second apart, and the views brought up to each: no batch helps another."""
    for event in events:
        viewed.opened.now += 1_000
        viewed.opened.append(event, partition=partition)
        viewed.step(1)


@contextmanager
def looking(viewed: Viewed) -> Iterator[Connection]:
    with viewed.views.snapshot() as snapshot:
        yield snapshot.connection
