"""Post-production of the sample shoot."""

from random import Random

from ledger.demo.poses import StillPlan
from ledger.demo.post import SELECTED_COUNT, finish


def test_the_best_stills_are_selected_and_everything_final_comes_after_the_end():
    stills = [StillPlan(f"still-{n}", 1_000 * n, "reach", "hero", n / 100) for n in range(100)]
    calls = finish(Random(1), stills, end_ms=200_000)
    selected = [call for call in calls if call.arguments.get("selectedForEdit")]
    names = [call.arguments["stillCandidateId"].name for call in selected]
    assert names == [f"still-{n}" for n in range(99, 99 - SELECTED_COUNT, -1)]
    assets = [call for call in calls if call.function == "production:createProductionAsset"]
    assert all(call.at_ms > 200_000 for call in assets)
    assert {"song_sketch", "contact_sheet", "video_master", "hero_still"} <= {c.arguments["assetType"] for c in assets}
