"""``ledger as-of``: what a session was at any point of its history."""

from datetime import UTC, datetime

from tests.cli.terminal import Studio, done, run


def test_it_shows_what_there_was_and_nothing_later(studio: Studio):
    early = done("as-of", studio.finished, "--at", "5", "--url", studio.url).out
    assert early.startswith("Duet · rolling · as of 5\n")
    assert "director events: 2" in early
    assert "to close" in early
    assert "to nobody" not in early
    now = done("as-of", studio.finished, "--url", studio.url).out
    assert now.startswith("Duet · complete · as it is now\n")
    assert "to nobody" in now
    assert "drop" in now


def test_json_is_the_timelines_payload_at_that_point(studio: Studio):
    told = done("as-of", studio.finished, "--json", "--at", "3", "--url", studio.url).answer
    assert (told["session"]["status"], len(told["cameras"]), told["directorEvents"]) == ("rolling", 2, [])


def test_a_recorded_time_is_a_point_too(studio: Studio):
    now = datetime.now(UTC)
    for option, when in (("--at", now.isoformat()), ("--at-ms", str(int(now.timestamp() * 1000)))):
        told = done("as-of", studio.finished, "--json", option, when, "--url", studio.url).answer
        assert told["session"]["status"] == "complete"
    assert run("as-of", studio.finished, "--at", "2001-01-01", "--url", studio.url).status == 1
    assert run("as-of", studio.finished, "--at", "1", "--at-ms", "1", "--url", studio.url).status == 2


def test_of_each_kind_so_many_lines_are_shown(studio: Studio):
    said = done("as-of", studio.finished, "-n", "1", "--url", studio.url).out
    assert "director events: the last 1 of 4" in said
    assert "to close" not in said
    assert "cameras: 2" in said
    assert "director events: the last 0 of 4" in done("as-of", studio.finished, "-n", "0", "--url", studio.url).out
