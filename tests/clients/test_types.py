"""The published types, judged by TypeScript's own compiler."""

import shutil

import pytest

from ledger.api.functions.pages import page_at
from tests.clients.node import HERE, installed, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_a_page_that_asks_for_what_there_is_compiles_and_no_other():
    folder = installed() / "typed"
    folder.mkdir(exist_ok=True)
    for name in ("typed.tsx", "tsconfig.json"):
        shutil.copy(HERE / name, folder)
    (folder / "api.d.ts").write_text(page_at("/api.d.ts")[1].decode(), "utf-8")
    run("node_modules/typescript/bin/tsc", "--project", "typed")


def test_a_page_that_asks_for_what_there_is_not_is_told():
    """The control: with a function taken away, the same page does not compile."""
    folder = installed() / "untyped"
    folder.mkdir(exist_ok=True)
    for name in ("typed.tsx", "tsconfig.json"):
        shutil.copy(HERE / name, folder)
    types = page_at("/api.d.ts")[1].decode()
    assert "listRecent" in types
    (folder / "api.d.ts").write_text(types.replace("listRecent", "listOld"), "utf-8")
    with pytest.raises(AssertionError, match="listRecent"):
        run("node_modules/typescript/bin/tsc", "--project", "untyped")
