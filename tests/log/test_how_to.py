"""The how-to for adding and changing an event is true: its example is carried out, and the files it names are there."""

import json
import re
from typing import Any, Final

import pytest

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Event
from ledger.log import codec
from ledger.log.upcasts import UPCASTS
from tests.serving import ROOT

PAGE: Final = (ROOT / "docs" / "how-to" / "add-or-change-an-event.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    fenced = re.findall(rf"^   ```{language}\n(.*?)^   ```", PAGE, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in fenced]


def test_an_event_is_added_and_changed_as_the_page_says(monkeypatch: pytest.MonkeyPatch):
    added, changed, upcasts = _blocks("python")
    old, new = _blocks("json")
    written: dict[str, Any] = {"__name__": "page"}

    def catalogue(kind: type[Event]) -> None:
        monkeypatch.setitem(BY_STORED_NAME, kind.stored_as, kind)
        monkeypatch.setitem(codec._VALIDATORS, kind.stored_as, kind.__pydantic_validator__)

    exec(added, written)
    catalogue(written["SlateClapped"])
    event = codec.decode("slate-clapped.1", old)
    assert json.loads(codec.encode(event)) == json.loads(old)

    for known in (BY_STORED_NAME, codec._VALIDATORS):
        monkeypatch.delitem(known, "slate-clapped.1")
    exec(changed, written)
    catalogue(written["SlateClapped"])
    with pytest.raises(codec.UnreadableEventError):
        codec.decode("slate-clapped.1", old)

    exec(upcasts, written)
    for name, upcast in written["UPCASTS"].items():
        monkeypatch.setitem(UPCASTS, name, upcast)
    event = codec.decode("slate-clapped.1", old)
    assert type(event) is written["SlateClapped"]
    assert json.loads(codec.encode(event)) == json.loads(new)


def test_every_file_that_the_page_names_is_there():
    named = set(re.findall(r"`((?:src|tests)/[^`]+)`", PAGE))
    made_up = {name for name in named if "slate-clapped" in name}
    assert len(made_up) == 1
    assert [name for name in sorted(named - made_up) if not (ROOT / name).exists()] == []
