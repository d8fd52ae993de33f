import json

from ledger.domain.timecode import parse_rate
from ledger.exports import Settings, render
from tests.exports.cut_logs import AFTERNOON_MS, cut_log


def test_the_cut_log_is_written_in_the_contracts_names():
    (file,) = render(cut_log(("cam-1", 1000), (None, 1000)), "json", Settings(parse_rate("25"))).files
    shown = json.loads(file.content)
    assert list(shown) == ["sessionId", "sequence", "provisional", "segments", "holds", "audit", "frames"]
    assert shown["segments"][1]["cameraId"] is None
    assert shown["segments"][0]["inMs"] == AFTERNOON_MS
    assert shown["frames"][1] == {
        "cameraId": None,
        "recordInFrame": 25,
        "recordOutFrame": 50,
        "recordIn": "01:00:01:00",
        "recordOut": "01:00:02:00",
    }
