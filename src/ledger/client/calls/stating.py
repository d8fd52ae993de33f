"""What every typed call does: it states arguments as the contract names them, and hands them on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Generic, TypeVar

from pydantic.alias_generators import to_camel

Told = TypeVar("Told")
"""What a call answers with: a text, or a text to be awaited."""


class Stating(ABC, Generic[Told]):
    """Something that takes calls."""

    @abstractmethod
    def call(self, function: str, arguments: Mapping[str, Any]) -> Told:
        """Record a call by its name in the contract, its arguments as JSON has them."""


def stated(details: Any, **required: Any) -> dict[str, Any]:
    """Arguments as the contract names them."""
    return {_camel(name): _listed(value) for name, value in {**required, **details}.items()}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


_camel: Final = cache(to_camel)
