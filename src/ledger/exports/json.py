"""The cut log as the contract answers it, with the shots of one rate as its ``frames``."""

from ledger.exports.edits import Edits, Settings
from ledger.exports.rendered import File, Rendered


def render(edits: Edits, _settings: Settings) -> Rendered:
    content = edits.cut_log.model_dump_json(by_alias=True, indent=2)
    return Rendered((File(".json", f"{content}\n".encode()),), edits.warnings)
