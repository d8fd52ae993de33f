from typing import Any

import pytest

from ledger.domain.documents import Document
from ledger.domain.patches import patch, patched
from ledger.domain.refusals import Invalid


class Prop(Document):
    label: str | None = None
    is_heavy: bool | None = None
    metadata: Any = None
    updated_at: int = 0


old = Prop(id="p", creation_time=1, label="chair", metadata={"a": [1]})


@pytest.mark.parametrize(
    ("wanted", "unset", "recorded"),
    [
        ({"label": "chair", "is_heavy": None}, (), {}),
        ({"label": "stool", "is_heavy": False}, (), {"label": "stool", "is_heavy": False}),
        ({"metadata": {"a": [1.0]}}, (), {}),
        ({"metadata": {"a": [True]}}, (), {"metadata": {"a": [True]}}),
        ({"metadata": {"a": [1], "b": None}}, (), {"metadata": {"a": [1], "b": None}}),
        ({}, ("isHeavy",), {}),
        ({}, ("label", "isHeavy", "label"), {"unset": ("label",)}),
        ({"is_heavy": True}, ("label",), {"is_heavy": True, "unset": ("label",)}),
    ],
    ids=str,
)
def test_a_patch_says_what_really_changes(wanted: dict[str, Any], unset: tuple[str, ...], recorded: dict[str, Any]):
    assert patch(old, wanted, unset) == recorded


def test_a_patch_does_not_set_and_clear_one_field():
    with pytest.raises(Invalid, match="'isHeavy' is given a value"):
        patch(old, {"is_heavy": False}, ("isHeavy",))


def test_a_patch_is_carried_into_the_document():
    new = old.model_copy(update=patched({"label": None, "is_heavy": False}, ("metadata",), 9))
    assert new == Prop(id="p", creation_time=1, label="chair", is_heavy=False, updated_at=9)
