"""Arguments as callers give them, made into commands and questions, or into an error that names the field and the rule."""

from typing import Final, TypeVar

from pydantic import ValidationError

from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen

Arguments = TypeVar("Arguments", bound=Frozen)

ERRORS_TOLD_MAX: Final = 10
ERRORS_READ_MAX: Final = 20_000
"""To read out what is wrong takes a microsecond and a kilobyte a fault, and a body has room for millions of faults."""
FIELD_LENGTH_MAX: Final = 200
_RULES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must hold more than spaces, and no NUL character",
    "model_type": "must be an object",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
}
_WORDS: Final = (
    ("Input should be", "must be"),
    ("Value should", "must"),
    ("Tuple should", "must"),
    ("List should", "must"),
    ("String should", "must"),
    (" after validation", ""),
)
_UNION_BRANCHES: Final = frozenset({"int", "float", "str", "constrained-str", "constrained-int", "constrained-float"})


def parse_arguments(kind: type[Arguments], arguments: object) -> Arguments:
    """The arguments as the given kind. A null counts as not given. Raises Invalid, naming the first broken field and its rule."""
    if type(arguments) is not dict:
        raise Invalid("arguments", "must be a JSON object")
    if None in arguments.values():
        arguments = {name: value for name, value in arguments.items() if value is not None}
    try:
        parsed: Arguments = kind.__pydantic_validator__.validate_python(arguments, by_alias=True, by_name=False)
        return parsed
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> Invalid:
    """What a caller is told of broken arguments: the first in words, up to ERRORS_TOLD_MAX in detail."""
    if error.error_count() > ERRORS_READ_MAX:
        return Invalid("arguments", f"break {error.error_count():,} rules, too many to name one; send less at a time")
    told: dict[str, str] = {}
    for broken in error.errors(include_url=False, include_context=False, include_input=False):
        rule = _RULES.get(broken["type"]) or _in_our_words(broken["msg"])
        # Both branches of "int or float" complain; the last, about any number at all, is the one that helps.
        told[_field_of(broken["loc"])] = rule
    (field, rule), *_ = told.items()
    refusal = Invalid(field, rule)
    if len(told) > 1:
        refusal.detail["errors"] = [
            {"field": field, "rule": rule} for field, rule in list(told.items())[:ERRORS_TOLD_MAX]
        ]
    return refusal


def _in_our_words(message: str) -> str:
    for theirs, ours in _WORDS:
        message = message.replace(theirs, ours)
    return message


def _field_of(location: tuple[int | str, ...]) -> str:
    """``("events", 3, "timestampMs", "float")`` is ``events[3].timestampMs``."""
    field = ""
    for part in location:
        if isinstance(part, int):
            field += f"[{part}]"
        elif part not in _UNION_BRANCHES and "[" not in part:
            field += f".{part}" if field else part
    return field[:FIELD_LENGTH_MAX] or "arguments"  # the name of an unknown field is the caller's own
