"""What every patch has in common: fields that are given change, fields that are named in ``unset`` are cleared."""

from collections.abc import Sequence
from typing import Any

from pydantic.alias_generators import to_snake

from ledger.domain.documents import Document, differences
from ledger.domain.refusals import Invalid


def refuse_both(wanted: dict[str, Any], unset: Sequence[str], field: str = "unset") -> None:
    """Raises Invalid, naming ``field``, where one field is both set and cleared."""
    for name in unset:
        if wanted.get(to_snake(name)) is not None:
            raise Invalid(field, f"{name!r} is given a value in the same request")


def patch(current: Document, wanted: dict[str, Any], unset: Sequence[str]) -> dict[str, Any]:
    """The fields of a patch's event: what really changes, and under ``unset`` what is really cleared; empty for no change.

    ``wanted`` goes by Python names, ``unset`` by the contract's. Raises Invalid where one field is both set and cleared.
    """
    refuse_both(wanted, unset)
    changes = differences(current, wanted)
    cleared = tuple(dict.fromkeys(name for name in unset if getattr(current, to_snake(name)) is not None))
    return changes | ({"unset": cleared} if cleared else {})


def patched(changes: dict[str, Any], unset: Sequence[str], updated_at: int) -> dict[str, Any]:
    """The update that carries a recorded patch into a document: given fields, cleared ones, ``updated_at``."""
    given = {field: value for field, value in changes.items() if value is not None}
    return given | dict.fromkeys(map(to_snake, unset)) | {"updated_at": updated_at}
