import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis

from ledger.domain.refusals import Invalid
from ledger.domain.timecode import parse_rate
from ledger.exports import FORMATS, Settings, render
from tests.exports import cut_logs
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


@of_hypothesis(max_examples=20)
@given(cut_logs.cut_logs, cut_logs.settings())
def test_every_file_has_a_name_of_its_own_and_something_in_it(log, settings):
    for name in FORMATS:
        files = render(log, name, settings).files
        assert len({file.suffix for file in files}) == len(files) > 0
        assert all(file.content and file.suffix[0] in ".-" for file in files)


def test_a_format_that_there_is_not_is_refused():
    with pytest.raises(Invalid, match="format: 'avi' is not known; known are json, csv, edl, otio, fcp7xml"):
        render(cut_log(), "avi", Settings(parse_rate("25")))
