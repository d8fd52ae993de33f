"""The values that commands are made of, each with the rule that a caller is told when it is broken.

Constraints live here and on commands only. Events carry none, so that tightening a rule never makes history unreadable.
"""

from math import isfinite
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

TIMESTAMP_MS_MAX: Final = 8_640_000_000_000_000
"""The greatest time, in milliseconds since the epoch, that a JavaScript ``Date`` can hold; every integer up to it is exact."""

INTEGER_MAX: Final = 2**53
"""The greatest size up to which every whole number is a double as well."""

NAME_LENGTH_MAX: Final = 512
TEXT_LENGTH_MAX: Final = 20_000
JSON_DEPTH_MAX: Final = 32


class Frozen(BaseModel):
    """The manners shared by every event, command and document: immutable, camelCase outside, no unknown field."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
    )


def require_json(value: Any, levels: int = JSON_DEPTH_MAX) -> None:
    """Raises PydanticCustomError where an array or object is nested too deep, or holds a number that JSON has no word for."""
    for item in value.values() if type(value) is dict else value:
        kind = type(item)
        if kind is dict or kind is list:
            if levels <= 1:
                raise PydanticCustomError(
                    "json_too_deep", "must not be nested deeper than {max} levels", {"max": JSON_DEPTH_MAX}
                )
            require_json(item, levels - 1)
        elif kind is float and not isfinite(item):
            raise PydanticCustomError("json_number", "must hold finite numbers only")


def _is_json(value: Any) -> Any:
    if type(value) is dict or type(value) is list:
        require_json(value)
    elif type(value) is float and not isfinite(value):
        raise PydanticCustomError("json_number", "must be a finite number")
    return value


def _whole(value: Any) -> Any:
    """Python clients send 5.0 where JavaScript sends 5; both mean the whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = int | float
TimestampMs = Annotated[int, Field(ge=0, le=TIMESTAMP_MS_MAX)] | Annotated[float, Field(ge=0, le=TIMESTAMP_MS_MAX)]
"""Milliseconds since the epoch on the caller's own clock; fractions allowed, kept as sent.

Bounded branch by branch: a bound on a union is checked in Python, and every event has a time.
"""

Measure = Annotated[int, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)] | float
"""A double. Whole numbers stay whole, those too great for it to hold exactly become the double nearest to them."""

Whole = Annotated[int, BeforeValidator(_whole)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=NAME_LENGTH_MAX, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
]
"""A required short text: at least one character that is not a space, and no NUL."""

Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH_MAX, pattern=r"^[^\x00]*$")]
Json = Annotated[Any, AfterValidator(_is_json)]
