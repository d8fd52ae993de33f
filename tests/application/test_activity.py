import pytest

from ledger.domain.refusals import Invalid
from tests.application.asking import Asking


def test_fifty_lines_are_told_where_no_limit_is_given(ask: Asking):
    for number in range(52):
        ask.write("captures:create", imageUrl=f"f-{number}", source="s")
    assert len(ask.read("intel:recentActivity")) == 50
    assert len(ask.read("intel:recentActivity", limit=51)) == 51
    with pytest.raises(Invalid):
        ask.read("intel:recentActivity", limit=0)
