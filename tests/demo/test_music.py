"""The music of the sample shoot."""

from itertools import pairwise
from random import Random

import pytest

from ledger.demo.music import BARS_A_PHRASE, compose, perform
from ledger.demo.script import Times


def test_bars_follow_each_other_but_for_the_pause():
    bars, pause = compose(Random(1), 1_000, 20, pause_after=9, pause_ms=30_000)
    for before, after in pairwise(bars):
        gap = after.ms - before.ms - before.length_ms
        assert gap == pytest.approx(0 if before.number != 9 else 30_500, abs=1)
    assert bars[9].ms + bars[9].length_ms < pause.begin_ms < pause.end_ms < bars[10].ms


def test_every_bar_is_told_and_every_phrase_that_begins_ends():
    bars, _ = compose(Random(1), 1_000, 20, pause_after=9, pause_ms=30_000)
    part = perform(Random(1), bars, Times())
    told = [fact.event["eventType"] for fact in part.facts]
    assert told.count("bar_fire") == 20
    assert told.count("music_phrase_start") == told.count("music_phrase_end") == -(-20 // BARS_A_PHRASE)
    assert len(part.calls) == 2 * 20
