from ledger.domain.timecode import parse_rate
from ledger.exports import COLUMNS, Settings, edits_of, table
from tests.exports.cut_logs import cut_log


def test_a_row_says_what_was_on_air_and_why():
    settings = Settings(parse_rate("25"))
    shown = table(edits_of(cut_log(("cam-1", 1000), (None, 40), ("cam-2", 2000, 400)), settings), settings)
    rows = [dict(zip(shown.columns, row, strict=True)) for row in shown.rows]
    assert shown.columns == COLUMNS
    assert [row["camera"] for row in rows] == ["cam-1", "", "cam-2"]
    assert rows[1]["source in"] == rows[1]["source out"] == ""
    assert rows[2] == {
        "shot": "3",
        "camera": "cam-2",
        "record in": "01:00:01:01",
        "record out": "01:00:03:01",
        "frames": "50",
        "source in": "15:00:01:04",
        "source out": "15:00:03:04",
        "transition": "dissolve 10",
        "reason": "cut",
        "mode": "",
        "section": "",
        "tempo": "",
        "score": "",
        "flags": "",
    }
