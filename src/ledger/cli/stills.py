"""``ledger stills``: the best frames around each hero pose, taken from a video and recorded as still candidates."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import Door, DoorError, open_door
from ledger.cli.options import AsJson, Data, Database, Key, Session, Url, place
from ledger.cli.points import time_ms
from ledger.cli.screens import aside, console, grid, print_json, progress, time_of_day
from ledger.domain.ids import partition_kind
from ledger.pictures.extras import ExtraMissingError, require_extra

if TYPE_CHECKING:
    from ledger.pictures.stills import Picked, Stretch

ACTOR: Final = "still-extractor"
FILE_PATH: Final = "/api/storage"
_PAGE: Final = 1_000
_COLUMNS: Final = ("still", "at", "camera", "pose", "score", "sharpness", "exposure", "stillness")


class Footage(NamedTuple):
    """A video on the program's clock."""

    path: Path
    start_ms: float
    source: dict[str, str]
    """What it is, by a name that others know as well."""
    camera_id: str | None

    @property
    def name(self) -> str:
        return next(iter(self.source.values()))


Video = Annotated[
    str,
    typer.Argument(
        metavar="VIDEO",
        help="A video's file, the storageId of one that the ledger keeps, or the Id of an asset of the session.",
        show_default=False,
    ),
]
Camera = Annotated[
    str | None, typer.Option(metavar="CAMERA", help="Whose video it is: only its hero poses are looked for.")
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="MS",
        help="When its first frame was: milliseconds since the epoch, or 2026-03-14T19:42:00.5Z. Without it the asset's"
        " metadata.startMs counts, else the session's start.",
    ),
]
Around = Annotated[
    int, typer.Option(metavar="MS", min=0, help="How long before and after a marker frames are looked at.")
]
PerPose = Annotated[int, typer.Option(metavar="N", min=1, max=20, help="At most so many stills of a pose.")]
Sheet = Annotated[bool, typer.Option("--sheet/--no-sheet", help="Make a contact sheet of them, as an asset.")]


def stills(
    session: Session,
    video: Video,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    camera: Camera = None,
    start: Start = None,
    around: Around = 1_000,
    per_pose: PerPose = 2,
    sheet: Sheet = True,
    as_json: AsJson = False,
) -> None:
    """Take the best stills around each hero pose from a video, and record them as still candidates.

    Frames are scored by what can be measured: how sharp, how well exposed, how still; each is kept with the still. Of frames that
    look the same the best is taken. Pictures are kept in the ledger. Once more on the same video changes nothing.

    Example: `ledger stills latest hero.mp4 --camera hero --start 2026-03-14T19:30:00Z`
    """
    try:
        require_extra("video")
    except ExtraMissingError as missing:
        raise DoorError("invalid", str(missing)) from missing
    with open_door(place(data, database, url, key), "write", ACTOR) as door, TemporaryDirectory() as folder:
        shoot = chosen(door, session)
        footage = _footage(door, shoot, video, camera, start, Path(folder))
        markers = list(_markers(door, shoot["_id"], footage.camera_id))
        stretches = _stretches(markers, footage, around)
        recorded = _record(door, shoot["_id"], footage, markers, stretches, per_pose)
        asset_id = _record_sheet(door, shoot["_id"], footage, recorded) if sheet and recorded else None
    if as_json:
        told = {"stills": [still for still, _ in recorded], "sheet": asset_id, "markers": len(markers)}
        print_json({name: value for name, value in told.items() if value is not None})
        return
    if recorded:
        console().print(grid(_COLUMNS, [_cells(still) for still, _ in recorded], right=_COLUMNS[4:]))
    aside().print(
        f"{len(recorded)} stills of {len(stretches)} hero poses in the video, of {len(markers)} that were marked"
    )
    if asset_id is not None:
        aside().print(f"contact sheet: asset {asset_id}")


def _footage(
    door: Door, shoot: dict[str, Any], video: str, camera: str | None, start: str | None, folder: Path
) -> Footage:
    """The video; one that the ledger keeps is fetched into a folder. Raises DoorError where there is none."""
    assets = door.ask("production:listProductionAssets", {"sessionId": shoot["_id"], "limit": 10_000})
    asset = next((asset for asset in assets if asset["_id"] == video), None)
    about = (asset or {}).get("metadata")
    about = about if isinstance(about, dict) else {}
    path = _file_of(door, asset["path"] if asset else video, folder)
    if path is None:
        message = (
            f"{asset['path'] if asset else video}: there is no such file here or in the ledger, nor an asset of that Id"
        )
        raise DoorError("not_found", message)
    source = {"assetId": asset["_id"]} if asset else {"storageId" if path.parent == folder else "file": path.name}
    begins = time_ms(start) if start is not None else about.get("startMs", shoot["startedAt"])
    if isinstance(begins, bool) or not isinstance(begins, int | float):
        raise DoorError(
            "invalid", f"metadata.startMs of asset {video} is no number; say with --start when the video begins"
        )
    named = camera or about.get("cameraId")
    return Footage(path, begins, source, named if isinstance(named, str) else None)


def _file_of(door: Door, named: str, folder: Path) -> Path | None:
    """A file here, else one that the ledger keeps, by its storageId or where it is had; None where it is neither."""
    if Path(named).is_file():
        return Path(named)
    storage_id = named.removeprefix(f"{FILE_PATH}/")
    if partition_kind(storage_id) != "file":
        return None
    door.fetch(storage_id, folder / storage_id)
    return folder / storage_id


def _markers(door: Door, session_id: str, camera: str | None) -> Iterator[dict[str, Any]]:
    """The session's hero poses in time order; of one camera also those that name none."""
    cursor: str | None = None
    while True:
        asked = {"sessionId": session_id, "eventType": "hero_pose_marker", "numItems": _PAGE, "cursor": cursor}
        page = door.ask("production:exportProductionEventPage", asked)
        yield from (marker for marker in page["page"] if camera is None or marker.get("cameraId") in (None, camera))
        if page["isDone"]:
            return
        cursor = page["continueCursor"]


def _stretches(markers: Sequence[dict[str, Any]], footage: Footage, around: int) -> list["Stretch"]:
    """What to look at for each marker, of those that are in the video.

    The stills that there are already have no say in it: the next run would be led by what this one has found.
    """
    from ledger.pictures.stills import Stretch  # noqa: PLC0415  # an extra
    from ledger.pictures.video import probe  # noqa: PLC0415

    lasts_ms = _reading(footage, probe).duration_ms
    offsets = ((marker["_id"], marker["timestampMs"] - footage.start_ms) for marker in markers)
    stretches = (Stretch(name, max(0.0, at - around), at + around) for name, at in offsets)
    return [stretch for stretch in stretches if stretch.end_ms >= 0 and stretch.start_ms <= lasts_ms]


def _reading(footage: Footage, read: Any) -> Any:
    from ledger.pictures.video import VideoUnreadableError  # noqa: PLC0415  # an extra

    try:
        return read(footage.path)
    except VideoUnreadableError as failure:
        raise DoorError("invalid", str(failure)) from failure


def _record(
    door: Door,
    session_id: str,
    footage: Footage,
    markers: Sequence[dict[str, Any]],
    stretches: Sequence["Stretch"],
    per_pose: int,
) -> list[tuple[dict[str, Any], bytes]]:
    """Every still that is found, as it was recorded, with its picture."""
    from ledger.pictures.stills import extract  # noqa: PLC0415  # an extra

    by_id = {marker["_id"]: marker for marker in markers}
    known = {_frame_of(still): still for still in door.ask("production:listStillCandidates", _all_of(session_id))}
    recorded: list[tuple[dict[str, Any], bytes]] = []
    with progress("looking for stills", len(stretches)) as advance:
        found = _reading(footage, lambda path: extract(path, stretches, per_pose))
        for done in range(len(stretches)):
            recorded += [
                (_recorded(door, session_id, footage, by_id[one.stretch.name], one, known), one.picture)
                for one in _reading(footage, lambda _: next(found))
            ]
            advance(done + 1)
    return recorded


def _all_of(session_id: str) -> dict[str, Any]:
    return {"sessionId": session_id, "limit": 10_000}


def _frame_of(still: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two stills the same, by whatever name their video was given."""
    about = still.get("metadata")
    storage_id = about.get("storageId") if isinstance(about, dict) else None
    return still.get("sourceEventId"), storage_id, still["timestampMs"], still["cameraId"]


def _recorded(
    door: Door,
    session_id: str,
    footage: Footage,
    marker: dict[str, Any],
    picked: "Picked",
    known: dict[tuple[Any, ...], dict[str, Any]],
) -> dict[str, Any]:
    """The still, new or among those that are known."""
    from ledger.pictures.measures import SCORER  # noqa: PLC0415  # an extra

    digest = sha256(picked.picture).hexdigest()
    storage_id = door.bring(picked.picture, "image/jpeg", f"still/{digest}")
    measures = picked.candidate.measures
    source = {**footage.source, "videoMs": round(picked.candidate.ms, 3)}
    still = {
        "sessionId": session_id,
        "cameraId": footage.camera_id or marker.get("cameraId") or "unknown",
        "timestampMs": round(footage.start_ms + picked.candidate.ms, 3),
        "score": measures.score,
        "imagePath": f"{FILE_PATH}/{storage_id}",
        "sourceEventId": marker["_id"],
        "metadata": {"scorer": SCORER, "components": measures.components(), "source": source, "storageId": storage_id},
    }
    if (label := _label(marker)) is not None:
        still["poseLabel"] = label
    if (before := known.get(_frame_of(still))) is not None:
        return {name: before[name] for name in ("_id", *still) if name in before}
    place = sha256(f"{digest}/{still['timestampMs']}/{still['cameraId']}".encode()).hexdigest()
    still_id = door.tell("production:createStillCandidate", still, f"still/{marker['_id']}/{place}")
    return {"_id": still_id, **still}


def _label(marker: dict[str, Any]) -> str | None:
    """What whoever marked the pose calls it; nothing here has looked for poses."""
    about = marker.get("metadata")
    told = [about.get(name) for name in ("poseLabel", "pose", "label")] if isinstance(about, dict) else []
    return next((label for label in told if isinstance(label, str) and label), None)


def _record_sheet(
    door: Door, session_id: str, footage: Footage, recorded: Sequence[tuple[dict[str, Any], bytes]]
) -> str:
    from ledger.pictures.sheet import contact_sheet  # noqa: PLC0415  # an extra

    captions = [
        f"{time_of_day(still['timestampMs'])}  {still.get('poseLabel', '')}  {still['score']:.3f}"
        for still, _ in recorded
    ]
    made = contact_sheet([(picture, caption) for (_, picture), caption in zip(recorded, captions, strict=True)])
    digest = sha256(made).hexdigest()
    storage_id = door.bring(made, "image/jpeg", f"sheet/{digest}")
    stills = [still["_id"] for still, _ in recorded]
    about = {"storageId": storage_id, "stills": stills}
    for sheet in door.ask("production:listProductionAssets", _all_of(session_id) | {"assetType": "contact_sheet"}):
        if sheet.get("metadata") == about:
            return str(sheet["_id"])
    asset = {
        "sessionId": session_id,
        "assetType": "contact_sheet",
        "path": f"{FILE_PATH}/{storage_id}",
        "source": footage.name,
        "metadata": about,
    }
    asset_id: str = door.tell("production:createProductionAsset", asset, f"sheet/{stills[0]}/{digest}")
    return asset_id


def _cells(still: dict[str, Any]) -> list[str]:
    components = still["metadata"]["components"]
    return [
        still["_id"],
        time_of_day(still["timestampMs"]),
        still["cameraId"],
        still.get("poseLabel", ""),
        f"{still['score']:.3f}",
        *(f"{components[name]:.2f}" for name in _COLUMNS[5:]),
    ]
