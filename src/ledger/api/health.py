"""Whether the server is alive, whether its views are up to its log, and its numbers."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel

from ledger.application.ledger import Ledger

LAG_ENTRIES_MAX = 10_000
"""More than this many entries behind, the views do not count as caught up."""


class Alive(BaseModel):
    ok: bool = True


class Ready(BaseModel):
    """Readiness: ``epoch`` is the ledger's present life, which a restored one begins anew; ``lag`` is in entries over all
    shards; ``halted`` says why the views stand still, if they do.
    """

    ok: bool
    epoch: str
    position: str
    lag: int
    halted: str | None


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
        lag = GaugeMetricFamily("ledger_views_lag_entries", "Entries that the views are behind the log.")
        lag.add_metric([], ledger.runner.lag())
        halted = GaugeMetricFamily("ledger_views_halted", "1 where the views stand still at an event.")
        halted.add_metric([], 1 if ledger.runner.halted else 0)
        return [entries, commits, lag, halted]


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
        lag, halted = ledger.runner.lag(), ledger.runner.halted
        ready = Ready(
            ok=halted is None and lag <= LAG_ENTRIES_MAX,
            epoch=ledger.log.epoch,
            position=str(ledger.log.position()),
            lag=lag,
            halted=halted,
        )
        response.status_code = 200 if ready.ok else 503
        return ready

    @routes.get("/metrics", summary="Prometheus metrics.", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
