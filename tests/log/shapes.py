"""The shape of an event as it is stored, in words: which fields, of which types, which of them may be absent and mean what then."""

from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Shape = dict[str, Any]
"""By the field's stored name, with a ``?`` where it may be absent: its type in words, or the shape of a nested object."""

_WORDS: Final = {int: "integer", float: "number", str: "string", bool: "boolean", Any: "any JSON"}


def shape_of(kind: type[BaseModel]) -> Shape:
    return dict(sorted(_field(name, field) for name, field in kind.model_fields.items()))


def _field(name: str, field: FieldInfo) -> tuple[str, Any]:
    stored = field.alias or name
    if field.is_required():
        return stored, _words(field.annotation)
    words = _words(field.annotation, absent=field.default is None)
    # What an absent field means is as much a part of the record as a field that is there.
    return f"{stored}?", words if field.default is None else f"{words} = {field.default!r}"


def _words(annotation: Any, *, absent: bool = False) -> Any:
    """A type in words. ``absent``: a value that may be None is one that is not stored."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return shape_of(annotation)
    arguments = get_args(annotation)
    match get_origin(annotation):
        case None:
            return "null" if annotation is NoneType else _WORDS[annotation]
        case origin if origin is Union or origin is UnionType:
            words = [_words(argument) for argument in arguments if not (absent and argument is NoneType)]
            return words[0] if len(words) == 1 else " | ".join(sorted(words))
        case origin if origin is Literal:
            return " | ".join(sorted(map(repr, arguments)))
        case origin if origin is tuple and arguments[1:] == (...,):
            return f"array of {_words(arguments[0])}"
        case _:
            raise NotImplementedError(f"say in words what is stored of {annotation}")
