"""A stored name has one shape for ever, and a sample that is never edited: the events in somebody's ledger cannot be edited either.

``shapes.json`` and ``samples/`` only grow. ``docs/how-to/add-or-change-an-event.md`` says how.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import pytest
from pydantic import Field

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Event
from ledger.domain.values import Frozen, Number
from ledger.log.upcasts import UPCASTS
from tests.log.shapes import shape_of

HERE: Final = Path(__file__).parent
SHAPES: Final[dict[str, Any]] = json.loads((HERE / "shapes.json").read_text("utf-8"))
SAMPLES: Final = HERE / "samples"
DIGESTS: Final = dict(line.split("  ")[::-1] for line in (SAMPLES / "SHA256SUMS").read_text("utf-8").splitlines())
"""As ``sha256sum`` writes it: by file name."""


def complaint_about(kind: type[Event], frozen: dict[str, Any]) -> str | None:
    """What is to be done, where an event's shape is not the one that its stored name stands for."""
    name, shape = kind.stored_as, shape_of(kind)
    if name not in frozen:
        return f"{name} is new: add its shape to tests/log/shapes.json:\n{json.dumps({name: shape}, indent=2)}"
    if frozen[name] == shape:
        return None
    changed = sorted({field.rstrip("?") for field, _ in _pairs(frozen[name]) ^ _pairs(shape)})
    stem, _, version = name.rpartition(".")
    return (
        f"{name} is stored, for ever, in another shape than {kind.__name__} now has (it differs in {', '.join(changed)}).\n"
        f"Leave {name} in shapes.json as it is. Give the event the stored name {stem}.{int(version) + 1}, and add an upcast"
        f" from {name} to it in src/ledger/log/upcasts.py: see docs/how-to/add-or-change-an-event.md"
    )


def _pairs(shape: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field, json.dumps(words)) for field, words in shape.items()}


@pytest.mark.parametrize("kind", BY_STORED_NAME.values(), ids=lambda kind: kind.stored_as)
def test_a_stored_name_has_the_shape_that_it_always_had(kind: type[Event]):
    assert (complaint := complaint_about(kind, SHAPES)) is None, complaint


def test_every_shape_ever_stored_can_still_be_read():
    assert set(SHAPES) == BY_STORED_NAME.keys() | UPCASTS.keys()


def test_every_stored_name_has_a_sample():
    assert {path.name for path in SAMPLES.glob("*.json")} == {f"{name}.json" for name in SHAPES}


def test_a_sample_is_never_edited():
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in SAMPLES.glob("*.json")}
    edited = sorted(name for name in found.keys() & DIGESTS.keys() if found[name] != DIGESTS[name])
    assert edited == [], "put it back as it was: it stands for events that nobody can edit"
    new = "".join(f"{found[name]}  {name}\n" for name in sorted(found.keys() - DIGESTS.keys()))
    assert new == "", f"new samples; add to tests/log/samples/SHA256SUMS:\n{new}"
    assert sorted(DIGESTS.keys() - found.keys()) == [], "a sample was lost; put it back"


class Inner(Frozen):
    angle: Number


class LampLit(Event):
    stored_as: ClassVar[str] = "lamp-lit.1"
    lamp_id: str
    colour: Literal["red", "white"]
    level: Number | None = None
    flicker: bool = False
    labels: tuple[str, ...] | None = None
    aimed: Inner
    metadata: Any = None


def test_a_shape_is_told_in_words():
    assert shape_of(LampLit) == {
        "aimed": {"angle": "integer | number"},
        "colour": "'red' | 'white'",
        "flicker?": "boolean = False",
        "labels?": "array of string",
        "lampId": "string",
        "level?": "integer | number",
        "metadata?": "any JSON",
    }


class FieldAdded(LampLit):
    height: Number | None = None


class FieldRenamed(LampLit):
    lamp_id: str = Field(alias="lamp")


class TypeWidened(LampLit):
    lamp_id: str | int  # type: ignore[assignment]  # the change that must be found


class ValueAdded(LampLit):
    colour: Literal["red", "white", "blue"]  # type: ignore[assignment]  # likewise


class DefaultChanged(LampLit):
    flicker: bool = True


class NoLongerRequired(LampLit):
    lamp_id: str = ""


class NowRequired(LampLit):
    level: Number


class NowNullable(LampLit):
    lamp_id: str | None  # type: ignore[assignment]  # likewise


class WiderInner(Inner):
    turn: Number | None = None


class NestedFieldAdded(LampLit):
    aimed: WiderInner


class FieldRemoved(Event):
    stored_as: ClassVar[str] = "lamp-lit.1"
    lamp_id: str


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (FieldAdded, "height"),
        (FieldRemoved, "metadata"),
        (FieldRenamed, "lamp, lampId"),
        (TypeWidened, "lampId"),
        (ValueAdded, "colour"),
        (DefaultChanged, "flicker"),
        (NoLongerRequired, "lampId"),
        (NowRequired, "level"),
        (NowNullable, "lampId"),
        (NestedFieldAdded, "aimed"),
    ],
)
def test_a_changed_shape_is_found_and_the_way_out_is_told(changed: type[Event], field: str):
    complaint = complaint_about(changed, {"lamp-lit.1": shape_of(LampLit)})
    assert complaint is not None
    assert field in complaint
    assert "stored name lamp-lit.2" in complaint


def test_a_new_event_is_told_what_to_add():
    complaint = complaint_about(LampLit, {})
    assert complaint is not None
    assert '"lampId": "string"' in complaint


class Said(Event):
    """The same record by other names of the code: nothing that is stored has changed."""

    stored_as: ClassVar[str] = "lamp-lit.1"
    aim: Inner = Field(alias="aimed")
    tint: Literal["white", "red"] = Field(alias="colour")
    flicker: bool = False
    labels: tuple[str, ...] | None = None
    lamp: str = Field(alias="lampId")
    level: Number | None = None
    metadata: Any = None


def test_what_is_not_stored_may_change():
    assert complaint_about(Said, {"lamp-lit.1": shape_of(LampLit)}) is None
