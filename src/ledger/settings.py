"""Settings: the environment as typed values. A command's own options come before them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from ledger.domain.jobs import Policy
from ledger.domain.vocabulary import (
    DIRECTOR_MODES,
    EVENT_TYPES,
    MUSIC_MODES,
    SESSION_TYPES,
    UPLOAD_BYTES_MAX,
    Vocabulary,
)

_KIB: Final = 1024
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]+)(:\d{1,5})?", re.ASCII)
SHARDS_DEFAULT: Final = 16
PATROL_SECONDS_DEFAULT: Final = 60


@dataclass(frozen=True)
class Limits:
    """How much a server takes from one caller, and from all of them together."""

    body_bytes_max: int = 16 * _KIB * _KIB
    """LEDGER_BODY_BYTES_MAX: the largest request body that is read."""
    head_bytes_max: int = 64 * _KIB
    """LEDGER_HEAD_BYTES_MAX: the most that a request's address and headers may come to."""
    url_bytes_max: int = 16 * _KIB
    """LEDGER_URL_BYTES_MAX: the longest address, query and all, that is read."""
    request_seconds_max: int = 30
    """LEDGER_REQUEST_SECONDS_MAX: how long a request may take to arrive, and an answer that nobody takes is kept; a long one
    has a second more for every 64 KiB that it brings."""
    connections_max: int = 900
    """LEDGER_CONNECTIONS_MAX: how many callers are answered at a time; above it they are told to come back. Each takes a file
    descriptor, of which many systems give a process 1,024."""

    live_connections_max: int = 2_000
    """LEDGER_LIVE_CONNECTIONS_MAX: how many clients hold a WebSocket at a time; above it they are told to come back."""
    watched_max: int = 1_000
    """LEDGER_WATCHED_MAX: how many queries one of them watches; above it the query fails."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Limits":
        """Raises ValueError where a limit is no positive number."""
        given = {limit.name: _whole(environment, f"LEDGER_{limit.name.upper()}") for limit in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value is not None})


def _whole(environment: Mapping[str, str], name: str, least: int = 1) -> int | None:
    value = environment.get(name)
    if not value:
        return None
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"{name}: must be a whole number{' above 0' if least else ''}, not {value!r}")
    return int(value)


def _chosen(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default."""
    value = environment.get(name) or choices[0]
    if value not in choices:
        raise ValueError(f"{name}: must be {' or '.join(choices)}, not {value!r}")
    return value


def _origin(environment: Mapping[str, str], name: str) -> str | None:
    value = (environment.get(name) or "").rstrip("/")
    if value and not _ORIGIN.fullmatch(value):
        raise ValueError(f"{name}: must be an origin, like https://ledger.example, and nothing after it; not {value!r}")
    return value or None


def _patience(environment: Mapping[str, str]) -> Policy:
    """How long the deployment waits for its workers."""
    usual = Policy()
    lease_seconds = _whole(environment, "LEDGER_JOB_LEASE_SECONDS")
    backoff_seconds = _whole(environment, "LEDGER_JOB_BACKOFF_SECONDS")
    return Policy(
        attempts_max=_whole(environment, "LEDGER_JOB_ATTEMPTS") or usual.attempts_max,
        lease_ms=lease_seconds * 1_000 if lease_seconds else usual.lease_ms,
        backoff_ms=backoff_seconds * 1_000 if backoff_seconds else usual.backoff_ms,
    )


@dataclass(frozen=True)
class Workers:
    """Who does what takes its time."""

    video_url: str | None = None
    """LEDGER_VIDEO_WORKER_URL: the external worker that videos are pushed to, at `/process` under it."""
    secret: str | None = field(default=None, repr=False)
    """LEDGER_WORKER_SECRET: what calls to it are signed with, as Standard Webhooks says; without it they are not."""
    writer: str | None = None
    """LEDGER_DOCUMENT_WRITER: `package.module:function` that writes the document of a recording, instead of the template."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Workers":
        """Raises ValueError where the worker's URL is none."""
        url = environment.get("LEDGER_VIDEO_WORKER_URL") or None
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError(f"LEDGER_VIDEO_WORKER_URL: must be an http or https URL, not {url!r}")
        return cls(
            video_url=url.rstrip("/") if url else None,
            secret=environment.get("LEDGER_WORKER_SECRET") or None,
            writer=environment.get("LEDGER_DOCUMENT_WRITER") or None,
        )


@dataclass(frozen=True)
class Jwt:
    """Whose tokens are as good as keys."""

    key: str
    """LEDGER_JWT_KEY: the issuer's public key, as PEM or JWK, or the file that holds it."""
    issuer: str | None = None
    """LEDGER_JWT_ISSUER: what tokens must name as their issuer."""
    audience: str | None = None
    """LEDGER_JWT_AUDIENCE: whom tokens must be for."""
    scopes: tuple[str, ...] = ()
    """LEDGER_JWT_SCOPES: what tokens are for that name no scope of the ledger's; comma-separated."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Jwt | None":
        """Raises ValueError where the file of the key cannot be read."""
        key = environment.get("LEDGER_JWT_KEY")
        if not key:
            return None
        if not key.lstrip().startswith(("-----", "{")):
            try:
                key = Path(key).read_text("utf-8")
            except OSError as error:
                raise ValueError(f"LEDGER_JWT_KEY: is neither a key nor a file that can be read: {error}") from None
        scopes = tuple(word.strip() for word in environment.get("LEDGER_JWT_SCOPES", "").split(",") if word.strip())
        return cls(
            key, environment.get("LEDGER_JWT_ISSUER") or None, environment.get("LEDGER_JWT_AUDIENCE") or None, scopes
        )


@dataclass(frozen=True)
class Settings:
    """What a deployment decides."""

    directory: Path = Path("ledger-data")
    """LEDGER_DATA: where an embedded ledger keeps its files."""
    database: str | None = field(default=None, repr=False)
    """LEDGER_DATABASE: the URL of a PostgreSQL database that keeps the ledger, instead of a folder."""
    shards: int = SHARDS_DEFAULT
    """LEDGER_SHARDS: into how many shards a database's ledger is divided when it is made; that is for ever."""
    files: str | None = None
    """LEDGER_FILES: where files are kept: a folder, or a bucket's URL (`s3://…`); by default `files` in the ledger's folder."""
    is_parking: bool = False
    """LEDGER_POISON: what is done at an event that the views cannot apply. `halt`: they stand still before it; `park`: it is set
    aside with all that follows in its session."""
    patrol_seconds: int = PATROL_SECONDS_DEFAULT
    """LEDGER_PATROL_SECONDS: how long whoever builds views waits before it folds a session anew, to see whether they show it as it
    is, and again before the next; 0 for never."""
    url: str | None = None
    """LEDGER_URL: a running server that commands go through."""
    key: str | None = field(default=None, repr=False)
    """LEDGER_KEY: what commands show that server, where it asks for a key."""
    public_url: str | None = None
    """LEDGER_PUBLIC_URL: the origin by which others reach this server, where a proxy stands before it. Workers are told to call
    back there, and URLs that are handed out to whoever uses its name have its scheme."""
    allowed_origins: frozenset[str] = frozenset()
    """LEDGER_ALLOW_ORIGIN: origins of web pages, beside loopback ones, that may use this server; comma-separated."""
    jwt: Jwt | None = None
    limits: Limits = field(default_factory=Limits)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    """LEDGER_SESSION_TYPES, LEDGER_DIRECTOR_MODES, LEDGER_MUSIC_MODES, LEDGER_EVENT_TYPES: values that this deployment
    accepts beside the contract's known ones; comma-separated. LEDGER_UPLOAD_BYTES_MAX: how large a file may be.
    LEDGER_JOB_LEASE_SECONDS, LEDGER_JOB_ATTEMPTS, LEDGER_JOB_BACKOFF_SECONDS: after how long without a sign of life a worker
    counts as lost, how often a job is tried, and how long the second attempt waits; each later one twice as long."""
    workers: Workers = field(default_factory=Workers)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError where a setting cannot be read."""

        def listed(name: str) -> frozenset[str]:
            return frozenset(value.strip() for value in environment.get(name, "").split(",") if value.strip())

        patrol_seconds = _whole(environment, "LEDGER_PATROL_SECONDS", least=0)
        return cls(
            directory=Path(environment.get("LEDGER_DATA") or "ledger-data"),
            database=environment.get("LEDGER_DATABASE") or None,
            shards=_whole(environment, "LEDGER_SHARDS") or SHARDS_DEFAULT,
            files=environment.get("LEDGER_FILES") or None,
            is_parking=_chosen(environment, "LEDGER_POISON", ("halt", "park")) == "park",
            patrol_seconds=PATROL_SECONDS_DEFAULT if patrol_seconds is None else patrol_seconds,
            url=environment.get("LEDGER_URL") or None,
            key=environment.get("LEDGER_KEY") or None,
            public_url=_origin(environment, "LEDGER_PUBLIC_URL"),
            allowed_origins=listed("LEDGER_ALLOW_ORIGIN"),
            jwt=Jwt.from_environment(environment),
            limits=Limits.from_environment(environment),
            workers=Workers.from_environment(environment),
            vocabulary=Vocabulary(
                session_types=SESSION_TYPES | listed("LEDGER_SESSION_TYPES"),
                director_modes=DIRECTOR_MODES | listed("LEDGER_DIRECTOR_MODES"),
                music_modes=MUSIC_MODES | listed("LEDGER_MUSIC_MODES"),
                event_types=EVENT_TYPES | listed("LEDGER_EVENT_TYPES"),
                upload_bytes_max=_whole(environment, "LEDGER_UPLOAD_BYTES_MAX") or UPLOAD_BYTES_MAX,
                jobs=_patience(environment),
            ),
        )
