"""The table as comma-separated values, for spreadsheets."""

import csv
import io
from typing import Final

from ledger.exports.edits import Edits, Settings
from ledger.exports.rendered import File, Rendered
from ledger.exports.table import table

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def render(edits: Edits, settings: Settings) -> Rendered:
    shown = table(edits, settings)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(shown.columns)
    writer.writerows(tuple(map(_harmless, row)) for row in shown.rows)
    return Rendered((File(".csv", lines.getvalue().encode(errors="replace")),), shown.warnings)


def _harmless(cell: str) -> str:
    """A reason is whatever a writer sent; a spreadsheet must show it, not calculate it. Numbers stay numbers."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
