"""``ledger poses``: the pose windows of a session, and the best still of each."""

from typing import Annotated, Any, Final

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import open_door
from ledger.cli.options import AsJson, AtLeast, Data, Database, Key, Session, Url, place
from ledger.cli.screens import aside, console, grid, print_json, time_of_day

_COLUMNS: Final = ("begins", "lasts", "camera", "pose", "stills", "best", "score", "section", "bar")


def poses(
    session: Session,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    camera: Annotated[str | None, typer.Option(metavar="CAMERA", help="Only this camera's.")] = None,
    gap: Annotated[
        int, typer.Option(metavar="MS", min=0, help="Stills further apart than this are in different windows.")
    ] = 2_000,
    as_json: AsJson = False,
) -> None:
    """List the pose windows of a session: a camera's stills of one pose that belong together, and the best of them.

    A favourite wins, then one that was selected, then the highest score, then the earliest: a person's choice outranks a score.

    Example: `ledger poses latest --camera hero`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        asked = {"sessionId": chosen(door, session)["_id"], "gapMs": gap} | ({"cameraId": camera} if camera else {})
        windows = door.ask("production:listPoseWindows", asked)
    if as_json:
        print_json(windows)
    elif windows:
        rows = [[_cells(window)[column] for column in _COLUMNS] for window in windows]
        console().print(grid(_COLUMNS, rows, right=("lasts", "stills", "score", "bar"), fold=("best",)))
    else:
        aside().print("No stills, so no pose windows.")


def _cells(window: dict[str, Any]) -> dict[str, str]:
    best = window["bestStill"]
    choice = " favourite" if best["isFavorite"] else " selected" if best["selectedForEdit"] else ""
    return {
        "begins": time_of_day(window["startMs"]),
        "lasts": f"{(window['endMs'] - window['startMs']) / 1000:.2f} s",
        "camera": window["cameraId"],
        "pose": window.get("poseLabel", ""),
        "stills": str(len(window["stillIds"])),
        "best": f"{best['_id']}{choice}",
        "score": f"{best['score']:g}",
        "section": window.get("section", ""),
        "bar": str(window.get("bar", {}).get("number", "")),
    }
