"""Every function of the contract, by its name."""

from typing import Final

from ledger.application import (
    activity,
    as_of,
    assets,
    cameras,
    captures,
    clocks,
    compare,
    cutlog,
    devices,
    director,
    explain,
    files,
    heads,
    history,
    keys,
    music,
    parked,
    poses,
    proofs,
    sessions,
    stills,
    timeline,
)
from ledger.application.functions import Function

FUNCTIONS: Final[tuple[Function, ...]] = (
    *sessions.FUNCTIONS,
    *cameras.FUNCTIONS,
    *director.FUNCTIONS,
    *stills.FUNCTIONS,
    *music.FUNCTIONS,
    *assets.FUNCTIONS,
    *timeline.FUNCTIONS,
    *as_of.FUNCTIONS,
    *cutlog.FUNCTIONS,
    *compare.FUNCTIONS,
    *explain.FUNCTIONS,
    *clocks.FUNCTIONS,
    *devices.FUNCTIONS,
    *poses.FUNCTIONS,
    *history.FUNCTIONS,
    *captures.FUNCTIONS,
    *activity.FUNCTIONS,
    *files.FUNCTIONS,
    *keys.FUNCTIONS,
    *heads.FUNCTIONS,
    *proofs.FUNCTIONS,
    *parked.FUNCTIONS,
)
BY_NAME: Final[dict[str, Function]] = {function.name: function for function in FUNCTIONS}
