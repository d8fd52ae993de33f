"""What may happen, and what it means: events, commands, decisions and folds, one file a noun.

Pure: no clock, no database, no web. It imports pydantic and the standard library.
"""
