import json

import pytest

from ledger.domain.assets import AssetRegistered
from ledger.projections import assets
from ledger.projections.assets import question
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def test_the_read_orders_are_indexes(embedded_viewed: Viewed):
    for asset_type, index in ((None, "assets_by_creation"), ("clip", "assets_by_type")):
        plan = embedded_viewed.plan(question("s1", limit=5, asset_type=asset_type))
        assert f"SEARCH assets USING INDEX {index} (session=?" in plan
        assert "TEMP B-TREE" not in plan


def test_assets_are_listed_as_they_were_created(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, AssetRegistered(asset_type="clip", path="a"))
    opened.now += 1
    opened.append(AssetRegistered(asset_type="master", path="b"), AssetRegistered(asset_type="clip", path="c"))
    viewed.step(100)
    with viewed.views.snapshot() as snapshot:

        def paths(limit: int, asset_type: str | None) -> list[str]:
            found = assets.list_first(snapshot.connection, "s1", limit=limit, asset_type=asset_type)
            return [json.loads(document)["path"] for document in found]

        assert paths(9, None) == ["a", "b", "c"]
        assert paths(2, None) == ["a", "b"]
        assert paths(9, "clip") == ["a", "c"]
