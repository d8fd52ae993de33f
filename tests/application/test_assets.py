import pytest

from ledger.domain.refusals import SessionNotFound
from tests.application.asking import Asking


def test_assets_are_listed_as_they_were_registered_by_type_or_all(ask: Asking):
    session = ask.start()
    ask.write("completeProductionSession", sessionId=session)
    told = [("clip", "b"), ("video_master", "a"), ("clip", "c")]
    assets = [ask.write("createProductionAsset", sessionId=session, assetType=kind, path=path) for kind, path in told]
    assert [asset["_id"] for asset in ask.read("listProductionAssets", sessionId=session)] == assets
    clips = ask.read("listProductionAssets", sessionId=session, assetType="clip", limit=5)
    assert [asset["path"] for asset in clips] == ["b", "c"]


def test_assets_of_a_session_that_is_not_there_are_not_found(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.write("createProductionAsset", sessionId="nobody", assetType="clip", path="a")
    with pytest.raises(SessionNotFound):
        ask.read("listProductionAssets", sessionId="nobody")
