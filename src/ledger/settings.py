"""Settings: the environment as typed values. A command's own options come before them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger.domain.vocabulary import DIRECTOR_MODES, EVENT_TYPES, MUSIC_MODES, SESSION_TYPES, Vocabulary

BODY_BYTES_MAX_DEFAULT: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """What a deployment decides."""

    directory: Path = Path("ledger-data")
    """LEDGER_DATA: where an embedded ledger keeps its files."""
    url: str | None = None
    """LEDGER_URL: a running server that commands go through."""
    key: str | None = field(default=None, repr=False)
    """LEDGER_KEY: what commands show that server, where it asks for a key."""
    allowed_origins: frozenset[str] = frozenset()
    """LEDGER_ALLOW_ORIGIN: origins of web pages, beside loopback ones, that may use this server; comma-separated."""
    body_bytes_max: int = BODY_BYTES_MAX_DEFAULT
    """LEDGER_BODY_BYTES_MAX: the largest request body that is read."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    """LEDGER_SESSION_TYPES, LEDGER_DIRECTOR_MODES, LEDGER_MUSIC_MODES, LEDGER_EVENT_TYPES: values that this deployment
    accepts beside the contract's known ones; comma-separated."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError where a setting cannot be read."""

        def listed(name: str) -> frozenset[str]:
            return frozenset(value.strip() for value in environment.get(name, "").split(",") if value.strip())

        body_bytes_max = environment.get("LEDGER_BODY_BYTES_MAX", str(BODY_BYTES_MAX_DEFAULT))
        if not body_bytes_max.isdecimal():
            raise ValueError(f"LEDGER_BODY_BYTES_MAX: must be a number of bytes, not {body_bytes_max!r}")
        return cls(
            directory=Path(environment.get("LEDGER_DATA") or "ledger-data"),
            url=environment.get("LEDGER_URL") or None,
            key=environment.get("LEDGER_KEY") or None,
            allowed_origins=listed("LEDGER_ALLOW_ORIGIN"),
            body_bytes_max=int(body_bytes_max),
            vocabulary=Vocabulary(
                session_types=SESSION_TYPES | listed("LEDGER_SESSION_TYPES"),
                director_modes=DIRECTOR_MODES | listed("LEDGER_DIRECTOR_MODES"),
                music_modes=MUSIC_MODES | listed("LEDGER_MUSIC_MODES"),
                event_types=EVENT_TYPES | listed("LEDGER_EVENT_TYPES"),
            ),
        )
