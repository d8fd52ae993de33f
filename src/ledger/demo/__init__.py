"""A sample shoot, made up by the project: what four independent writers would record, and how it is played into a ledger.

The script is pure and the same for a seed. The player sends it with whatever it is given to send with.
"""
