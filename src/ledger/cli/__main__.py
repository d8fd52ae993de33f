"""``python -m ledger.cli``: the command where no script of its own is installed."""

from ledger.cli.main import app

app(prog_name="ledger")
