from collections.abc import Iterator
from typing import get_args

import pytest

from ledger.domain.refusals import CameraNotFound, Code, Invalid, KeyReused, Refusal, UnknownValue


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for under in kind.__subclasses__():
        yield under
        yield from _kinds(under)


KINDS: list[type[Refusal]] = sorted(_kinds(Refusal), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_refusal_has_a_code_of_the_contract(kind: type[Refusal]):
    assert kind.code in get_args(Code)


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (Invalid("limit", "must be less"), "limit"),
        (UnknownValue("eventType", "jump", frozenset({"hold", "cut"})), "eventType"),
        (CameraNotFound("cam-9"), "cameraId"),
        (KeyReused("take-1"), "Idempotency-Key"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refusal_names_the_field_first(refusal: Refusal, field: str):
    assert refusal.message.startswith(f"{field}: ")
    assert refusal.detail["field"] == field
    assert str(refusal) == refusal.message


def test_an_unknown_value_is_told_the_known_ones_in_order():
    assert "'jump' is not known; known are cut, hold" in UnknownValue("t", "jump", frozenset({"hold", "cut"})).message
