from ledger.domain.assets import AssetRegistered, RegisterAsset, evolve
from ledger.domain.refusals import SessionNotFound
from ledger.domain.sessions import SessionEnded
from tests.domain.grammar import assets, started
from tests.recordings import RECORDED_AT, SESSION

wanted = RegisterAsset(session_id=SESSION, asset_type="video_master", path="masters/one.mov", status="draft")
registered = AssetRegistered(asset_type="video_master", path="masters/one.mov", status="draft")


def test_an_asset_is_registered_even_after_the_end():
    assets.given(started).when(wanted).then(registered)
    assets.given(started, SessionEnded(status="complete")).when(wanted).then(registered)


def test_two_assets_at_one_path_are_two_assets():
    assets.given(started, registered).when(wanted).then(registered)


def test_without_a_session_there_are_no_assets():
    assets.given().when(wanted).then_refused(SessionNotFound, "sessionId")


def test_an_asset_is_shown_with_the_servers_times_and_without_what_is_unset():
    asset = evolve(None, assets.given(started, registered).entries[1])
    assert (asset.id, asset.created_at, asset.updated_at) == (f"{SESSION}-a2", RECORDED_AT + 2_000, RECORDED_AT + 2_000)
    assert '"source"' not in asset.to_json()
