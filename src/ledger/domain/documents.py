"""How facts are shown: the documents that doors answer with, as the contract names their fields."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import Field

from ledger.domain.entries import Entry
from ledger.domain.ids import Kind, id_prefix
from ledger.domain.values import Frozen, Number


class Document(Frozen):
    """A thing as callers see it. ``_id`` and ``_creationTime`` come first, unset fields are absent."""

    id: str = Field(alias="_id")
    creation_time: Number = Field(alias="_creationTime")

    @classmethod
    def from_json(cls, document: str) -> Self:
        read: Self = cls.__pydantic_validator__.validate_json(document)
        return read

    def to_json(self) -> str:
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True).decode()


def recorded_document(entry: Entry, kind: Kind) -> str:
    """The document of a thing that never changes after it was recorded: its stored body, with the server's fields before it.

    Spliced, not re-encoded: the caller's fields are shown as they are stored, and a million of them cost no second encoding.
    """
    return recorded_documents([entry], kind)[0]


def recorded_documents(entries: Iterable[Entry], kind: Kind) -> list[str]:
    """The same of many: entries that were recorded together share most of what is put before their bodies."""
    made: list[str] = []
    known: tuple[str, int] | None = None
    begin = between = ""
    for partition, sequence, at, _, _, _, _, body, _ in entries:
        if known != (partition, at):
            known = (partition, at)
            begin = f'{{"_id":"{id_prefix(partition, kind)}'
            between = f'","_creationTime":{at},"sessionId":"{partition}","createdAt":{at},'
        made.append(f"{begin}{sequence}{between}{body[1:]}")
    return made


def differences(current: Frozen, wanted: dict[str, Any]) -> dict[str, Any]:
    """Those of the wanted fields (by Python name) that are given and are not what the current document already says."""
    return {
        field: value
        for field, value in wanted.items()
        if value is not None and not _same(getattr(current, field), value)
    }


def _same(left: Any, right: Any) -> bool:
    """Equality of JSON values: ``1`` and ``1.0`` are one number, but ``1`` is not ``true``, as it is in Python."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)
