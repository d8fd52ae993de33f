"""Points in a history, as somebody types them."""

import pytest
import typer

from ledger.cli.points import event_id, point, time_ms


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (None, {}),
        ("120", {"atSequence": 120}),
        ("1970-01-01T00:00:01.5Z", {"atMs": 1_500}),
        ("1970-01-01T00:00:01", {"atMs": 1_000}),
        ("1970-01-01T01:00:00+01:00", {"atMs": 0}),
    ],
)
def test_a_point_is_a_sequence_or_a_recorded_time(typed: str | None, asked: dict[str, float]):
    assert point(typed) == asked


def test_the_arguments_are_named_for_what_they_say():
    assert point("7", "FROM", "from") == {"fromSequence": 7}
    with pytest.raises(typer.BadParameter, match="FROM: 'soon' is neither a sequence"):
        point("soon", "FROM", "from")


@pytest.mark.parametrize(("typed", "ms"), [("1500", 1_500), ("1500.25", 1_500.25), ("1970-01-01T00:00:01.5Z", 1_500)])
def test_a_time_is_milliseconds_or_a_date(typed: str, ms: float):
    assert time_ms(typed) == ms
    with pytest.raises(typer.BadParameter, match="--at-ms: 'soon' is neither milliseconds"):
        time_ms("soon")


def test_an_event_is_named_by_its_id_or_its_sequence():
    assert event_id("s1", "12") == "s1-e12"
    assert event_id("s1", "s1-e12") == "s1-e12"
