"""The terminal door: every command works on a ledger's folder or through a running server."""

from ledger.cli.main import app

__all__ = ["app"]
