"""The command ``ledger``: all of its commands, by name."""

from typing import Annotated, Final

import typer

import ledger
from ledger.cli import parked as parked_events
from ledger.cli import spool as spools
from ledger.cli.as_of import as_of
from ledger.cli.backup import backup
from ledger.cli.bundle import bundle, import_bundle
from ledger.cli.clocks import clocks
from ledger.cli.compare import compare
from ledger.cli.copy import copy
from ledger.cli.correct import correct
from ledger.cli.cut_log import cut_log
from ledger.cli.demo import demo
from ledger.cli.drill import drill
from ledger.cli.explain import explain
from ledger.cli.failures import EXIT_STATUSES, ReportingGroup
from ledger.cli.gaps import gaps
from ledger.cli.history import history
from ledger.cli.import_atem import import_atem
from ledger.cli.keys import add, list_, revoke
from ledger.cli.poses import poses
from ledger.cli.project import project
from ledger.cli.proof import head, proof
from ledger.cli.rebuild import rebuild
from ledger.cli.replay import replay
from ledger.cli.restore import restore
from ledger.cli.restored import restored
from ledger.cli.send import send
from ledger.cli.serve import serve
from ledger.cli.sessions import sessions
from ledger.cli.status import status
from ledger.cli.stills import stills
from ledger.cli.tail import tail
from ledger.cli.types import types
from ledger.cli.verify import verify

_SETTINGS: Final = {"help_option_names": ["--help", "-h"], "max_content_width": 100}

app = typer.Typer(
    name="ledger",
    cls=ReportingGroup,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings=_SETTINGS,
    pretty_exceptions_show_locals=False,
    epilog=EXIT_STATUSES,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ledger {ledger.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """An append-only ledger of live multicam shoots: facts go in, the rebuilt cut log comes out.

    Begin with `ledger demo`, which records a sample shoot and shows what becomes of it.
    """


imports = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings=_SETTINGS,
    help="Make a session of another system's recording, or of another ledger's bundle.",
    epilog=EXIT_STATUSES,
)
imports.command("atem", epilog=EXIT_STATUSES)(import_atem)
imports.command("bundle", epilog=EXIT_STATUSES)(import_bundle)

keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings=_SETTINGS,
    help="Say who may come in, and what each may do.",
    epilog=EXIT_STATUSES,
)
keys.command("add", epilog=EXIT_STATUSES)(add)
keys.command("list", epilog=EXIT_STATUSES)(list_)
keys.command("revoke", epilog=EXIT_STATUSES)(revoke)

parked = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings=_SETTINGS,
    help="See what the views have set aside, and have it applied.",
    epilog=EXIT_STATUSES,
)
parked.command("list", epilog=EXIT_STATUSES)(parked_events.list_)
parked.command("replay", epilog=EXIT_STATUSES)(parked_events.replay)

spool = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings=_SETTINGS,
    help="Look after the spool of a device, and what the ledger refused of it.",
    epilog=EXIT_STATUSES,
)
spool.command("status", epilog=EXIT_STATUSES)(spools.status)
spool.command("retry", epilog=EXIT_STATUSES)(spools.retry)
spool.command("discard", epilog=EXIT_STATUSES)(spools.discard)

app.command("serve", epilog=EXIT_STATUSES)(serve)
app.command("demo", epilog=EXIT_STATUSES)(demo)
app.add_typer(imports, name="import")
app.command("sessions", epilog=EXIT_STATUSES)(sessions)
app.command("tail", epilog=EXIT_STATUSES)(tail)
app.command("cut-log", epilog=EXIT_STATUSES)(cut_log)
app.command("explain", epilog=EXIT_STATUSES)(explain)
app.command("as-of", epilog=EXIT_STATUSES)(as_of)
app.command("compare", epilog=EXIT_STATUSES)(compare)
app.command("history", epilog=EXIT_STATUSES)(history)
app.command("correct", epilog=EXIT_STATUSES)(correct)
app.command("clocks", epilog=EXIT_STATUSES)(clocks)
app.command("poses", epilog=EXIT_STATUSES)(poses)
app.command("stills", epilog=EXIT_STATUSES)(stills)
app.command("gaps", epilog=EXIT_STATUSES)(gaps)
app.command("send", epilog=EXIT_STATUSES)(send)
app.add_typer(spool, name="spool")
app.command("replay", epilog=EXIT_STATUSES)(replay)
app.command("project", epilog=EXIT_STATUSES)(project)
app.command("rebuild", epilog=EXIT_STATUSES)(rebuild)
app.command("status", epilog=EXIT_STATUSES)(status)
app.command("copy", epilog=EXIT_STATUSES)(copy)
app.command("backup", epilog=EXIT_STATUSES)(backup)
app.command("restore", epilog=EXIT_STATUSES)(restore)
app.command("restored", epilog=EXIT_STATUSES)(restored)
app.command("drill", epilog=EXIT_STATUSES)(drill)
app.command("types", epilog=EXIT_STATUSES)(types)
app.add_typer(parked, name="parked")
app.add_typer(keys, name="keys")
app.command("verify", epilog=EXIT_STATUSES)(verify)
app.command("head", epilog=EXIT_STATUSES)(head)
app.command("proof", epilog=EXIT_STATUSES)(proof)
app.command("bundle", epilog=EXIT_STATUSES)(bundle)
