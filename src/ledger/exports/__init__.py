"""What leaves as a file: a cut log as a table, or in the formats that editing systems read, exact to the frame."""

from ledger.exports.edits import Settings, edits_of
from ledger.exports.render import FORMATS, render
from ledger.exports.rendered import File, Rendered
from ledger.exports.table import COLUMNS, Table, table

__all__ = ["COLUMNS", "FORMATS", "File", "Rendered", "Settings", "Table", "edits_of", "render", "table"]
