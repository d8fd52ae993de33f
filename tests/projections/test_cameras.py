import json

import pytest
from sqlalchemy import select

from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.projections import cameras
from ledger.projections.cameras import CAMERAS, question
from tests.log.opened import OpenLog
from tests.projections.histories import STARTED
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def test_the_read_orders_are_indexes(embedded_viewed: Viewed):
    c = CAMERAS.c
    plan = embedded_viewed.plan(question("s1"))
    assert "SEARCH cameras USING INDEX sqlite_autoindex_cameras_1 (" in plan
    assert "TEMP B-TREE" not in plan
    for column, value, index in ((c.role, "hero", "cameras_by_role"), (c.is_active, True, "cameras_by_activity")):
        asked = select(c.document).where(c.session == 1, column == value).order_by(c.camera_id)
        assert f"SEARCH cameras USING INDEX {index} (" in embedded_viewed.plan(asked)
        assert "TEMP B-TREE" not in embedded_viewed.plan(asked)


def test_cameras_are_listed_by_their_names_each_as_it_stands(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, *(_camera(camera_id) for camera_id in ("b", "a", "B")))
    opened.append(STARTED, _camera("c"), partition="s2")
    opened.append(CameraUpdated(camera_id="a", is_active=False))
    viewed.step(100)
    with viewed.views.snapshot() as snapshot:
        listed = [json.loads(document) for document in cameras.list_all(snapshot.connection, "s1")]
        assert [(camera["cameraId"], camera["isActive"]) for camera in listed] == [
            ("B", True),
            ("a", False),
            ("b", True),
        ]
        assert cameras.list_all(snapshot.connection, "nobody") == []


def _camera(camera_id: str) -> CameraRegistered:
    return CameraRegistered(camera_id=camera_id, source_type="iphone", role="hero", priority_weight=1, is_active=True)
