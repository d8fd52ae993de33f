"""The poses of the sample shoot."""

from itertools import pairwise
from random import Random

from ledger.demo.music import compose
from ledger.demo.poses import strike, watch
from ledger.demo.script import Ref, Times


def test_every_still_comes_of_a_marker_in_its_window():
    bars, _ = compose(Random(1), 1_000, 60, pause_after=30, pause_ms=1_000)
    windows = strike(Random(1), bars)
    part, stills = watch(Random(1), windows, Times())
    markers = {fact.name: fact for fact in part.facts}
    assert len(stills) == len(part.calls) >= 2 * len(windows) > 10
    for call in part.calls:
        source = call.arguments["sourceEventId"]
        assert isinstance(source, Ref)
        assert markers[source.name].ms == call.arguments["timestampMs"] < call.at_ms
    assert all(before.end_ms < after.begin_ms for before, after in pairwise(windows))
