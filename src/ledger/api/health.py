"""Whether the server is alive, whether its views are up to its log, and its numbers."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ledger.application.ledger import Ledger
from ledger.projections.rebuild import RebuildStanding
from ledger.projections.standing import Standing

LAG_ENTRIES_MAX = 10_000
"""More than this many entries behind, the views do not count as caught up."""


class Alive(BaseModel):
    ok: bool = True


class Drifted(BaseModel):
    """A view that shows a session otherwise than it was recorded: the first row that differs, and in what."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    view: str
    session_id: str
    difference: str


class RebuildAt(BaseModel):
    """A rebuild of the views: entries taken up, of those that are needed."""

    state: str
    done: int
    total: int


class Ready(BaseModel):
    """Readiness: ``epoch`` is the ledger's present life, which a restored one begins anew; ``lag`` is in entries over all
    shards, ``backlog`` in those of each; ``lagMs`` how long ago the oldest of them was recorded; ``rate`` the entries a second
    that the views have taken up lately; ``halted`` says why the views stand still, if they do, and ``parked`` how many entries they
    have set aside. ``drifts``: where they were found to show something else than was recorded. ``rebuild``: how far the one is that
    this server is about, or was last.
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
    drifts: list[Drifted]
    rebuild: RebuildAt | None


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
        looked = CounterMetricFamily("ledger_views_refolded", "Sessions folded anew, and compared with the views.")
        looked.add_metric([], ledger.patrol.looked if ledger.patrol else 0)
        return [entries, commits, looked, *_of_rebuild(ledger.rebuild_standing()), *_of_views(ledger.standing())]


def _of_rebuild(standing: RebuildStanding | None) -> list[Metric]:
    numbers = (
        ("running", "1 while the views are built anew.", standing is not None and standing.state == "building"),
        ("done_entries", "Entries that the last rebuild has taken up.", standing.done if standing else 0),
        ("total_entries", "Entries that it needs to be shown.", standing.total if standing else 0),
    )
    return [GaugeMetricFamily(f"ledger_views_rebuild_{name}", told, int(value)) for name, told, value in numbers]


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
        ("drifts", "Views of sessions that show something else than was recorded.", len(standing.drifts)),
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
        standing, rebuild = ledger.standing(), ledger.rebuild_standing()
        ready = Ready(
            ok=standing.halted is None and not (standing.parked or standing.drifts) and standing.lag <= LAG_ENTRIES_MAX,
            epoch=ledger.log.epoch,
            position=str(ledger.log.position()),
            lag=standing.lag,
            lag_ms=standing.lag_ms,
            backlog=standing.backlog,
            rate=standing.rate,
            halted=standing.halted,
            parked=standing.parked,
            drifts=[Drifted(view=it.view, session_id=it.partition, difference=it.difference) for it in standing.drifts],
            rebuild=RebuildAt(state=rebuild.state, done=rebuild.done, total=rebuild.total) if rebuild else None,
        )
        response.status_code = 200 if ready.ok else 503
        return ready

    @routes.get("/metrics", summary="Prometheus metrics.", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
