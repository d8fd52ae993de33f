"""The extras that pictures need: heavy libraries, for those who want what they do."""

import importlib.util
from typing import Final, Literal

Extra = Literal["ocr", "video"]
MODULES: Final[dict[Extra, tuple[str, ...]]] = {
    "ocr": ("rapidocr", "onnxruntime"),
    "video": ("av", "cv2", "PIL"),
}


class ExtraMissingError(Exception):
    """What is asked for needs packages that are not installed."""

    def __init__(self, extra: Extra, missing: str) -> None:
        super().__init__(
            f"this needs the extra {extra}, and {missing} is missing: pip install 'production-ledger[{extra}]'"
        )
        self.extra = extra


def is_installed(extra: Extra) -> bool:
    return _missing(extra) is None


def require_extra(extra: Extra) -> None:
    """Raises ExtraMissingError, which says what to install."""
    if (missing := _missing(extra)) is not None:
        raise ExtraMissingError(extra, missing)


def _missing(extra: Extra) -> str | None:
    return next((module for module in MODULES[extra] if importlib.util.find_spec(module) is None), None)
