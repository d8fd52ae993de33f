"""The cut log as the contract answers it, with the shots of one rate as its ``frames``."""

import json
from typing import Any, Final

from ledger.domain.cutlog import CutLog
from ledger.exports.edits import Edits
from ledger.exports.rendered import File, Rendered

_OPTIONAL: Final = frozenset({"causeEventId", "transition", "heldBy", "frames"})
"""What the contract leaves out where it is unset. Any other field is always there, and null where there is nothing to say."""


def render(cut_log: CutLog, edits: Edits) -> Rendered:
    shown = document(cut_log.model_copy(update={"frames": edits.shots}))
    return Rendered((File(".json", (json.dumps(shown, ensure_ascii=False, indent=2) + "\n").encode()),), edits.warnings)


def document(cut_log: CutLog) -> dict[str, Any]:
    """The cut log as JSON values, in the contract's names."""
    shown = _present(cut_log.model_dump(mode="json", by_alias=True))
    for listed in ("segments", "holds"):
        shown[listed] = [_present(item) for item in shown[listed]]
    return shown


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None or name not in _OPTIONAL}
