from ledger.application.catalogue import BY_NAME, FUNCTIONS
from ledger.application.functions import LOG, Mutation, Query
from ledger.domain.values import Frozen
from ledger.projections.views import PROJECTIONS

CONTRACT = {
    "startProductionSession": "/production/session/start",
    "updateProductionSession": "/production/session/update",
    "completeProductionSession": "/production/session/complete",
    "upsertProductionCamera": "/production/camera/upsert",
    "setProductionCameraState": "/production/camera/state",
    "appendDirectorEvent": "/production/event",
    "appendDirectorEventsBatch": "/production/event/batch",
    "markHeroPose": "/production/hero-pose",
    "createStillCandidate": "/production/still-candidate",
    "updateStillCandidate": "/production/still/update",
    "appendMusicMoment": "/production/music-moment",
    "createProductionAsset": "/production/asset",
    "getProductionSession": "/production/session",
    "getActiveProductionSession": "/production/session/active",
    "listProductionSessionCameras": "/production/cameras",
    "exportProductionEventPage": "/production/events",
    "listStillCandidates": "/production/stills",
    "listMusicMoments": "/production/music-moments",
    "listProductionAssets": "/production/assets",
    "getProductionTimeline": "/production/session/timeline",
    "getSessionAsOf": "/production/session/as-of",
    "getCutLog": "/production/session/cut-log",
    "compareCutLogs": "/production/session/cut-log/compare",
    "listWriterClocks": "/production/session/clocks",
    "listPoseWindows": "/production/session/pose-windows",
    "explainCut": "/production/session/explain",
    "listSessionHistory": "/production/session/history",
    "correctDirectorEvent": "/production/event/correct",
    "reopenProductionSession": "/production/session/reopen",
    "listProductionSessions": "/production/sessions",
}


def test_every_function_of_the_contract_is_there_under_its_route():
    served = {name.removeprefix("production:"): function.path for name, function in BY_NAME.items()}
    assert {name: served.get(name) for name in CONTRACT} == CONTRACT


def test_names_and_routes_are_unique():
    assert len(BY_NAME) == len(FUNCTIONS)
    routes = [(isinstance(it, Query), it.path) for it in FUNCTIONS if it.path is not None]
    assert len(set(routes)) == len(routes)


def test_arguments_are_named_as_the_contract_names_them():
    for function in FUNCTIONS:
        assert issubclass(function.arguments, Frozen)
        names = {field.alias for field in function.arguments.model_fields.values()}
        assert all(name and "_" not in name for name in names), function.name


def test_what_records_may_carry_program_time_where_the_contract_says_so():
    timed = {
        function.name.removeprefix("production:")
        for function in FUNCTIONS
        if isinstance(function, Mutation) and "timestamp_ms" in function.arguments.model_fields
    }
    assert timed >= {
        "startProductionSession",
        "updateProductionSession",
        "completeProductionSession",
        "upsertProductionCamera",
        "setProductionCameraState",
    }


def test_every_question_names_the_views_that_it_is_answered_from():
    views = {projection.name for projection in PROJECTIONS}
    for function in FUNCTIONS:
        if isinstance(function, Query):
            assert function.views == LOG or (function.views and function.views <= views), function.name
