"""``ledger compare``: what changed about a program between two points."""

from tests.cli.terminal import Studio, done, run


def test_it_shows_what_came_and_what_is_different(studio: Studio):
    said = done("compare", studio.finished, "4", "--url", studio.url).out
    first, *rest = said.splitlines()
    assert first.startswith("From sequence 4 to 9, 5 entries · anonymous: 3 cut, ")
    signs = [(line.split()[0], line.split()[3]) for line in rest if line.startswith(("+  19", "~  19"))][:3]
    assert signs == [("+", "wide"), ("+", "nobody"), ("~", "close")]
    assert "out 19:30:10.000 → 19:30:20.000; flags open_end → none" in said
    assert "same camera" in said


def test_where_the_program_is_the_same_it_says_so(studio: Studio):
    said = done("compare", studio.finished, "9", "--url", studio.url).out
    assert said.splitlines() == ["From sequence 9 to 9, 0 entries", "The program is the same."]


def test_both_ends_may_be_named_and_json_is_the_contracts_answer(studio: Studio):
    told = done("compare", studio.finished, "4", "5", "--json", "--url", studio.url).answer
    assert (told["fromSequence"], told["toSequence"], [entry["sequence"] for entry in told["entries"]]) == (4, 5, [5])
    assert [segment["cameraId"] for segment in told["segmentsAdded"]] == ["wide"]


def test_wrong_points(studio: Studio):
    assert run("compare", studio.finished, "then", "--url", studio.url).status == 2
    assert run("compare", studio.finished, "99", "--url", studio.url).status == 1
    assert run("compare", studio.finished, "5", "4", "--url", studio.url).status == 1
