from hypothesis import given
from hypothesis import settings as of_hypothesis

from ledger.exports import FORMATS, render
from tests.exports import cut_logs


@of_hypothesis(max_examples=20, deadline=None)
@given(cut_logs.cut_logs, cut_logs.settings())
def test_every_file_has_a_name_of_its_own_and_something_in_it(log, settings):
    for name in FORMATS:
        files = render(log, name, settings).files
        assert len({file.suffix for file in files}) == len(files) > 0
        assert all(file.content and file.suffix[0] in ".-" for file in files)
