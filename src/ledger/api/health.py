"""Whether the server is alive, whether its views are up to its log, and its numbers."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ledger.application.ledger import Ledger
from ledger.projections.standing import Standing

LAG_ENTRIES_MAX = 10_000
"""More than this many entries behind, the views do not count as caught up."""


class Alive(BaseModel):
    ok: bool = True


class Ready(BaseModel):
    """Readiness: ``epoch`` is the ledger's present life, which a restored one begins anew; ``lag`` is in entries over all
    shards, ``backlog`` in those of each; ``lagMs`` how long ago the oldest of them was recorded; ``rate`` the entries a second
    that the views have taken up lately; ``halted`` says why the views stand still, if they do, and ``parked`` how many entries they
    have set aside.
    """

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    ok: bool
    epoch: str
    position: str
    lag: int
    lag_ms: int
    backlog: tuple[int, ...]
    rate: float | None
    halted: str | None
    parked: int


class LedgerCollector(Collector):
    """The ledger's numbers, read when they are asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> list[Metric]:
        ledger = self._ledger
        entries = GaugeMetricFamily("ledger_log_entries", "Entries in the log, by shard.", labels=["shard"])
        for shard, head in enumerate(ledger.log.heads()):
            entries.add_metric([str(shard)], head)
        commits = CounterMetricFamily("ledger_log_commits", "Groups of requests that were made durable.")
        commits.add_metric([], ledger.log.commits())
        return [entries, commits, *_of_views(ledger.standing())]


def _of_views(standing: Standing) -> list[Metric]:
    backlog = GaugeMetricFamily("ledger_views_backlog_entries", "Entries that wait for the views.", labels=["shard"])
    for shard, behind in enumerate(standing.backlog):
        backlog.add_metric([str(shard)], behind)
    numbers = (
        ("lag_entries", "Entries that the views are behind the log.", standing.lag),
        ("lag_ms", "How long ago the oldest entry was recorded that the views do not show.", standing.lag_ms),
        ("rate", "Entries a second that the views have taken up lately.", standing.rate or 0),
        ("halted", "1 where the views stand still at an event.", 1 if standing.halted else 0),
        ("parked_entries", "Entries that the views have set aside.", standing.parked),
    )
    return [backlog, *(GaugeMetricFamily(f"ledger_views_{name}", told, value) for name, told, value in numbers)]


def health_routes(ledger: Ledger) -> APIRouter:
    """``/healthz``, ``/readyz`` and ``/metrics`` for one ledger."""
    routes = APIRouter(tags=["health"])
    registry = CollectorRegistry()
    registry.register(LedgerCollector(ledger))

    @routes.get("/healthz", summary="Alive.")
    async def healthz() -> Alive:
        return Alive()

    @routes.get("/readyz", summary="Views caught up, none halted.", responses={503: {"model": Ready}})
    def readyz(response: Response) -> Ready:
        standing = ledger.standing()
        ready = Ready(
            ok=standing.halted is None and not standing.parked and standing.lag <= LAG_ENTRIES_MAX,
            epoch=ledger.log.epoch,
            position=str(ledger.log.position()),
            lag=standing.lag,
            lag_ms=standing.lag_ms,
            backlog=standing.backlog,
            rate=standing.rate,
            halted=standing.halted,
            parked=standing.parked,
        )
        response.status_code = 200 if ready.ok else 503
        return ready

    @routes.get("/metrics", summary="Prometheus metrics.", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
