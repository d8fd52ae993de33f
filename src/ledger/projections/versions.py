"""Of which version the stored views are, and whether they are views of this log at all."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Column, Connection, Integer, Table, Text, insert, inspect, select

from ledger.log.eventlog import EventLog
from ledger.projections import tracking
from ledger.projections.projection import METADATA, Projection
from ledger.projections.tracking import CHECKPOINTS, application_of

VERSIONS: Final = Table(
    "view_versions",
    tracking.METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)
OTHER_VERSION: Final = "the views are of another version"


def misfit(connection: Connection, log: EventLog, projections: Sequence[Projection]) -> str | None:
    """Why stored views are not views of a log by these projections; None where they are, or where there are none yet.

    That they are of another version comes last: those are at least what another version has made of this log.
    """
    checkpoints = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.position > 0)).all()
    if not checkpoints:
        return None
    shards = {application_of(shard): shard for shard in range(log.shard_count)}
    for application, position, epoch, leaf in checkpoints:
        if epoch != log.epoch:
            return "the views are of another epoch of the log"
        if application not in shards or log.leaf_at(shards[application], position) != leaf:
            return "the views were built from other events than the log holds"
    return None if stored_versions(connection) == versions_of(projections) else OTHER_VERSION


def stored_versions(connection: Connection) -> dict[str, int]:
    """The version of every stored view, by its name."""
    return {row[0]: row[1] for row in connection.execute(select(VERSIONS.c.name, VERSIONS.c.version))}


def versions_of(projections: Sequence[Projection]) -> dict[str, int]:
    return {projection.name: projection.version for projection in projections}


def write_versions(connection: Connection, projections: Sequence[Projection]) -> None:
    """Say that the stored views are, from here on, what these projections make."""
    connection.execute(VERSIONS.delete())
    connection.execute(insert(VERSIONS), [{"name": p.name, "version": p.version} for p in projections])


def can_be_asked(connection: Connection, projections: Sequence[Projection]) -> bool:
    """Whether today's questions can be asked of views of another version: the same views, with the same columns."""
    looking = inspect(connection)
    if not looking.has_table(VERSIONS.name) or stored_versions(connection).keys() != versions_of(projections).keys():
        return False
    return all(
        looking.has_table(table.name)
        and {column["name"] for column in looking.get_columns(table.name)} == set(table.c.keys())
        for table in METADATA.sorted_tables
    )
