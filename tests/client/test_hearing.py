"""Whoever wants to hear what becomes of facts is told, and cannot stand in their way."""

from pathlib import Path

import pytest

from ledger.client import Hearing, Writer
from tests.serving import Serving


def test_who_hears_badly_keeps_nothing_from_the_ledger(
    serving: Serving, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    session = serving.session()

    def fail(*_: object) -> None:
        raise RuntimeError("not my day")

    with Writer(serving.url, spool=tmp_path, hearing=Hearing(fail, fail, fail)) as writer:
        writer.append_director_event(session, "unheard_of")
        writer.append_director_event(session, "cut", timestamp_ms=1)
        assert writer.flush(10)
    page = serving.ask("session/history", sessionId=session)["page"]
    assert [entry["body"]["timestampMs"] for entry in page[1:]] == [1]
    assert "not my day" in caplog.text
