"""What an export hands back: files, and what an editor should know before trusting them."""

from typing import NamedTuple


class File(NamedTuple):
    suffix: str
    """What a file's name ends with, the dot included; of several parts each has its own."""
    content: bytes


class Rendered(NamedTuple):
    files: tuple[File, ...]
    warnings: tuple[str, ...] = ()
