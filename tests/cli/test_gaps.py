"""``ledger gaps``: which facts of which device never arrived."""

import pytest

from ledger.cli import gaps
from tests.cli.terminal import done
from tests.serving import Serving


def test_what_never_arrived_is_told_in_words(capsys: pytest.CaptureFixture[str]):
    numbers = {"device": "cam-2", "spool": "7f3k", "factCount": 445, "last": 450}
    lost = {"first": 9, "last": 9, "why": "refused", "message": "no such [session]", "recordedAt": 1_773_516_600_000}
    late = {"first": 20, "last": 21, "after": 30}
    gaps.show(numbers | {"missing": [{"first": 412, "last": 415}], "lost": [lost], "late": [late]})
    assert capsys.readouterr().out.splitlines() == [
        "cam-2's writer (spool 7f3k): 445 of 450 facts arrived",
        "  412 to 415 never arrived",
        "  9 refused, told 2026-03-14 19:30:00.000 UTC: no such [session]",
        "  20 to 21 came after 30",
    ]


def test_it_asks_the_ledger(serving: Serving):
    cut = {"sessionId": serving.session(), "timestampMs": 1, "eventType": "cut"}
    assert serving.post("event", cut, Idempotency_Key="device:gaps-cam:s:3").status_code == 200
    said = done("gaps", "gaps-cam", "--url", serving.url).out
    assert said == "gaps-cam's writer (spool s): 1 of 3 facts arrived\n  1 to 2 never arrived\n"
    (told,) = done("gaps", "gaps-cam", "--json", "--url", serving.url).answer
    assert told["missing"] == [{"first": 1, "last": 2}]
    assert done("gaps", "nobody", "--url", serving.url).err.startswith("No device has sent anything")
