"""The terminal door: every command works on a ledger's folder or through a running server."""
