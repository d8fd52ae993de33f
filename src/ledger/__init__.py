"""An event-sourced ledger of live creative sessions: facts go in append-only, views and the cut log come out."""

__version__ = "0.1.0"
