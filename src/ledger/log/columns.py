"""The column types of all our tables, the same to the bit and in the same order on every database."""

from typing import Final

from sqlalchemy import BigInteger, Integer, Text

BIG: Final = BigInteger().with_variant(Integer, "sqlite")
"""A whole number of up to 63 bits: sequences, positions, milliseconds since the epoch."""
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its bytes, as SQLite has it: elsewhere a language's own order would decide what comes first."""
