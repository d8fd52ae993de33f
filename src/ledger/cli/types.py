"""``ledger types``: the functions as TypeScript, for pages that call them."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.screens import aside

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FOLDER", help="Write api.d.ts and api.js here.", file_okay=False),
]


def types(output: Output = None) -> None:
    """Print the functions' types as TypeScript, or write them where a page takes them from.

    `api.captures.listRecent` then has its arguments and its answer, and a page that compiles asks for what there is. A running
    server has the same at `/api.d.ts` and `/api.js`.

    Example: `ledger types -o convex/_generated`
    """
    # Imported here: a second that --help need not wait.
    from ledger.api.functions.declarations import JAVASCRIPT, declarations  # noqa: PLC0415
    from ledger.api.functions.published import published  # noqa: PLC0415
    from ledger.application.catalogue import FUNCTIONS  # noqa: PLC0415

    text = declarations(published(FUNCTIONS))
    if output is None:
        typer.echo(text, nl=False)
        return
    output.mkdir(parents=True, exist_ok=True)
    (output / "api.d.ts").write_text(text, "utf-8")
    (output / "api.js").write_text(JAVASCRIPT, "utf-8")
    aside().print(f"{output / 'api.d.ts'} and {output / 'api.js'} written")
