"""The log's tables. ``events`` is laid out for those who look in with other tools, too; nothing is ever updated in it."""

from typing import Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from ledger.log.columns import BIG, TEXT

METADATA: Final = MetaData()
EVENTS: Final = Table(
    "events",
    METADATA,
    Column("shard", Integer, nullable=False),
    Column("position", BIG, nullable=False),
    Column("partition", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("recorded_at", BIG, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("key", TEXT),
    Column("entity", TEXT),
    Column("salt", LargeBinary, nullable=False),
    Column("body", TEXT, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    PrimaryKeyConstraint("shard", "position"),
    UniqueConstraint("partition", "sequence"),
)
_of_entity = EVENTS.c.entity.is_not(None)
Index(
    "events_of_entity",
    EVENTS.c.partition,
    EVENTS.c.entity,
    EVENTS.c.sequence,
    sqlite_where=_of_entity,
    postgresql_where=_of_entity,
)

SHARDS: Final = Table(
    "shards",
    METADATA,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("position", BIG, nullable=False),
    Column("recorded_at", BIG, nullable=False),
    comment="The head of each shard. Its row is the shard's lock.",
)

REQUESTS: Final = Table(
    "requests",
    METADATA,
    Column("partition", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("answer", TEXT, nullable=False),
    Column("sequence", BIG, nullable=False),
    Column("position", BIG, nullable=False),
    PrimaryKeyConstraint("partition", "actor", "key"),
    comment="What was answered under which idempotency key; written in the append's own transaction.",
)

EPOCHS: Final = Table(
    "epochs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("epoch", TEXT, nullable=False, unique=True),
    Column("shards", Integer, nullable=False),
    Column("started_at", BIG, nullable=False),
    comment="One row a life of this ledger: a restored one starts a new epoch.",
)

EPOCH_ORIGINS: Final = Table(
    "epoch_origins",
    METADATA,
    Column("number", Integer, nullable=False),
    Column("shard", Integer, nullable=False),
    Column("origin", Integer, nullable=False),
    Column("position", BIG, nullable=False),
    PrimaryKeyConstraint("number", "shard"),
    comment="Of which epoch a restored one is the continuation, and from which position of each shard.",
)

IMPORTED: Final = Table(
    "imported",
    METADATA,
    Column("partition", TEXT, primary_key=True),
    Column("sequence", BIG, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("epoch", TEXT, nullable=False),
    Column("imported_at", BIG, nullable=False),
    comment="What came from another ledger, up to which sequence: it kept its recorded times, sequences and leaf hashes.",
)

SECRETS: Final = Table(
    "secrets",
    METADATA,
    Column("name", TEXT, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    comment="What this ledger signs with. No fact: whoever may read the events must not learn it from them.",
)

COPIES: Final = Table(
    "copies",
    METADATA,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("position", BIG, nullable=False),
    Column("epoch", TEXT, nullable=False),
    Column("finished_at", BIG),
    comment="Of which ledger this one is a copy, and how far its shards were carried. Until it is finished it is none to open.",
)
