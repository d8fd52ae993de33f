"""How a command fails: one line that says what went wrong and what to do, and an exit status that says which kind it was."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import typer
from rich.text import Text
from typer.core import TyperGroup

from ledger.cli.door import DoorError
from ledger.cli.screens import aside
from ledger.domain.refusals import Refusal

REFUSED: Final = 1
STALE: Final = 3
INTERRUPTED: Final = 130

INSTALL_SERVER: Final = "pip install 'production-ledger[server]'"

EXIT_STATUSES: Final = (
    "Exit status: 0 done · 1 refused or failed, with `error: …` on stderr · 2 wrong usage · 3 not shown yet, see --at-least"
    " · 130 interrupted"
)


class ReportingGroup(TyperGroup):
    """The root command: whatever its commands foresee to go wrong is told in one line."""

    def invoke(self, ctx: Any) -> Any:
        status = REFUSED
        try:
            return super().invoke(ctx)
        except DoorError as failure:
            message = failure.message
            status = STALE if failure.code == "stale" else REFUSED
        except Refusal as refusal:
            message = refusal.message
        except BrokenPipeError:
            # Whoever read our output has seen enough, as in `ledger replay … | head`.
            sys.stderr.close()
            raise typer.Exit(REFUSED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except OSError as failure:
            message = _words(failure)
        except ModuleNotFoundError as missing:
            if (missing.name or "ledger").partition(".")[0] == "ledger":
                raise
            message = f"this needs the server's packages, and {missing.name} is not installed: {INSTALL_SERVER}"
        except ValueError as failure:
            if not str(failure).startswith("LEDGER_"):
                raise
            message = str(failure)
        aside().print(Text.assemble(("error: ", "bold red"), message))
        raise typer.Exit(status)


def _words(failure: OSError) -> str:
    name = cast("object", failure.filename)
    return f"{name}: {failure.strerror}" if name and failure.strerror else str(failure)


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """SIGTERM ends what goes on as Ctrl-C does, so that everything is closed. Told twice, it still closes in peace."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def remembering_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Ctrl-C interrupts as ever, and can be asked for: where it strikes in a finalizer, Python drops the exception."""
    pressed = False

    def interrupt(*_: object) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
