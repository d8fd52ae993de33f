"""``ledger bundle`` and ``ledger import bundle``: one session as a file that proves itself, and back."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.choice import chosen
from ledger.cli.door import Door, DoorError, open_door
from ledger.cli.options import AtLeast, Data, Database, Key, NoUrl, Session, Url, folder, place
from ledger.cli.screens import aside, progress
from ledger.domain.refusals import Refusal

PAGE_LENGTH = 1_000

Heads = Annotated[
    list[Path] | None,
    typer.Option(
        "--head",
        metavar="FILE",
        help="A head or receipt that was kept: the bundle must lead to it. May be repeated.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]


def bundle(
    session: Session,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.", dir_okay=False)],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    key: Key = None,
    at_least: AtLeast = None,
    head: Annotated[
        Path | None,
        typer.Option(
            "--head",
            metavar="FILE",
            help="Lead to this head of the ledger, which was kept after the session's last entry.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Write a session to one file: every entry to the byte, and the proof that all of them stand in the ledger.

    `verify_bundle.py` verifies it anywhere, without a ledger; `ledger import bundle` makes it a session of another one.

    Example: `ledger bundle latest -o first-light.bundle`
    """
    with open_door(place(data, database, url, key, at_least)) as door:
        session_id = chosen(door, session)["_id"]
        found = door.ask("production:getSessionProof", {"sessionId": session_id, **_leading_to(head)})
        partial = output.with_name(f".{output.name}.partial")
        try:
            with partial.open("w", encoding="utf-8", newline="\n") as file:
                file.write(_line({"format": "ledger-session-bundle.1", **found}))
                _write_entries(door, found["head"], file)
            partial.replace(output)
        finally:
            partial.unlink(missing_ok=True)
    aside().print(f"wrote {output}: {found['head']['sequence']} entries of session {session_id}")


def import_bundle(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What `ledger bundle` wrote.", exists=True, dir_okay=False, readable=True),
    ],
    data: Data = None,
    url: NoUrl = None,
    head: Heads = None,
) -> None:
    """Make a bundle a session of this ledger, with the same Id, sequences, times, writers and digests, and print its Id.

    The bundle is verified first, and imported whole or not at all. One that is here already is left alone. Works on a folder
    that no server has open.

    Example: `ledger import bundle first-light.bundle --data archive`
    """
    directory = folder(data, url, "import bundle")
    # Imported here: the database takes longer to load than most other commands to run.
    from ledger.application.bundles import import_bundle as carry_in  # noqa: PLC0415
    from ledger.application.bundles import read_bundle  # noqa: PLC0415
    from ledger.bootstrap import now_ms  # noqa: PLC0415
    from ledger.cli.embedded import writable  # noqa: PLC0415
    from ledger.settings import Settings  # noqa: PLC0415

    try:
        read = read_bundle(file, head or ())
        with writable(directory, Settings.from_environment().vocabulary) as ledger:
            came = carry_in(ledger.log, read, now_ms())
    except Refusal as refusal:
        raise DoorError(refusal.code, f"{file}: {refusal.message}; nothing was imported") from refusal
    except DoorError as failure:
        if failure.code != "in_use":
            raise
        # What it says of a server does not serve here: none takes a bundle.
        message = f"{directory} is open for writing by another process; stop that first: a bundle goes straight into the folder"
        raise DoorError(failure.code, message) from failure
    what = "is there already, with the same history" if came.was_there else "imported"
    aside().print(f"{file}: {came.entries} entries; {what}")
    typer.echo(came.session_id)


def _leading_to(head: Path | None) -> dict[str, Any]:
    if head is None:
        return {}
    try:
        kept = json.loads(head.read_text("utf-8"))
        (shard,) = kept["shards"]
        return {"atPosition": shard["position"], "epoch": kept["epoch"]}
    except (KeyError, TypeError, ValueError):
        raise DoorError(
            "invalid", f"{head} is no head of a ledger with one shard, as `ledger head` prints it"
        ) from None


def _write_entries(door: Door, head: dict[str, Any], file: Any) -> None:
    asked = {"sessionId": head["sessionId"], "atSequence": head["sequence"], "numItems": PAGE_LENGTH}
    cursor, done = None, 0
    with progress("entries", head["sequence"]) as advance:
        while True:
            found = door.ask("production:listStoredEntries", {**asked, "cursor": cursor})
            file.writelines(map(_line, found["page"]))
            done += len(found["page"])
            advance(done)
            if found["isDone"]:
                return
            cursor = found["continueCursor"]


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
