"""How fast the ledger is on this machine, measured beside raw SQLite and a peer in one run; only the ratios travel.

Performance is benchmarked here, never tested by a clock in the suite. ``python -m bench --help`` says what can be asked.
"""
