import csv
import io

import pytest

from ledger.domain.cutlog import Context
from ledger.domain.timecode import parse_rate
from ledger.exports import COLUMNS, Settings, render
from tests.exports.cut_logs import cut_log


def rows(log):
    (file,) = render(log, "csv", Settings(parse_rate("25"))).files
    return list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))


def because(reason, score=None):
    log = cut_log(("cam-1", 1000))
    changed = log.segments[0].model_copy(update={"reason": reason, "context": Context(score=score)})
    return log.model_copy(update={"segments": (changed,)})


def test_the_table_is_read_back():
    listed = rows(cut_log(("cam-1", 1000), ("Kamera, vorn", 1000)))
    assert tuple(listed[0]) == COLUMNS
    assert [(row["camera"], row["record in"]) for row in listed] == [
        ("cam-1", "01:00:00:00"),
        ("Kamera, vorn", "01:00:01:00"),
    ]


@pytest.mark.parametrize("reason", ['=HYPERLINK("http://example.org")', "+1+1", "@sum", "-x"])
def test_a_reason_is_never_a_formula(reason):
    assert rows(because(reason))[0]["reason"] == f"'{reason}"


def test_a_number_stays_one():
    assert rows(because("pose", score=-0.5))[0]["score"] == "-0.5"


def test_text_of_several_lines_stays_in_its_cell():
    assert rows(because("one\ntwo"))[0]["reason"] == "one\ntwo"
