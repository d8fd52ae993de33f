import pytest

from ledger.domain.refusals import Invalid
from ledger.domain.timecode import parse_rate
from ledger.exports import FORMATS, Settings, render
from tests.exports.cut_logs import cut_log


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_cut_log_is_the_same_file_every_time(name):
    log, settings = cut_log(("cam-1", 1000), ("cam-2", 1000, 400)), Settings(parse_rate("25"))
    assert render(log, name, settings) == render(log, name, settings)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_program_is_a_file_and_a_warning(name):
    rendered = render(cut_log(), name, Settings(parse_rate("25")))
    assert len(rendered.files) == 1
    assert any("empty" in warning for warning in rendered.warnings)


def test_a_format_that_there_is_not_is_refused():
    with pytest.raises(Invalid, match="format: 'avi' is not known; known are json, csv, edl, otio, fcp7xml"):
        render(cut_log(), "avi", Settings(parse_rate("25")))
