"""``ledger history``: everything of a session, or what is asked for of it."""

import pytest

from tests.cli.terminal import Studio, done, run


def sequences(studio: Studio, *filters: str) -> list[int]:
    lines = done("history", studio.finished, "--json", *filters, "--url", studio.url).lines
    return [line["sequence"] for line in lines]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), list(range(1, 10))),
        (("--type", "cut"), [4, 5, 6, 7]),
        (("--type", "music moment recorded"), [8]),
        (("--type", "session-ended.1"), [9]),
        (("--actor", "anonymous", "--type", "camera-registered"), [2, 3]),
        (("--about", "5"), [5]),
    ],
    ids=str,
)
def test_filters(studio: Studio, filters: tuple[str, ...], found: list[int]):
    assert sequences(studio, *filters) == found


def test_a_thing_may_be_named_by_its_id(studio: Studio):
    assert sequences(studio, "--about", f"{studio.finished}-c2") == [2]
    assert sequences(studio, "--about", studio.finished) == [1, 9]


def test_lines_are_those_of_tail(studio: Studio):
    said = done("history", studio.finished, "--url", studio.url).out
    assert said == done("tail", studio.finished, "--no-follow", "-n", "99", "--url", studio.url).out


def test_where_nothing_is_so_it_says_so(studio: Studio):
    said = done("history", studio.finished, "--actor", "nobody", "--url", studio.url)
    assert (said.out, said.err) == ("", "Nothing in this session's history is so.\n")
    assert run("history", studio.finished, "--type", "nothing.1", "--url", studio.url).status == 1
